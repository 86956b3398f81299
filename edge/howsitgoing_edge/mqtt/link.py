"""The link to a broker: connects, reconnects, announces, and never keeps its callers waiting."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from ipaddress import ip_address
from threading import Condition, Thread

from howsitgoing_edge.contract import Availability, Topic, check_device_id
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.mqtt.access import Access, read_access
from howsitgoing_edge.mqtt.connection import Connection, OnCommand
from howsitgoing_edge.mqtt.pauses import Pauses
from howsitgoing_edge.mqtt.transports import make_transport
from howsitgoing_edge.mqtt.troubles import Troubles
from howsitgoing_edge.mqtt.waiting import Letter, Waiting
from howsitgoing_edge.settings import MqttSettings

IN_FLIGHT = 20
"""Messages handed over and not yet confirmed; the others wait where they can still be replaced or grow too old"""

log = logging.getLogger(__name__)


class MqttLink:
    """One device on one broker; see ``docs/adr/0004`` for what is sent again after a reconnect, and what never.

    All methods may be called from any thread and return at once (`close` within its time).
    """

    def __init__(self, settings: MqttSettings, device_id: str, on_command: OnCommand, pauses: Pauses | None = None) -> None:
        """Reads the files that ``settings`` name, so that a mistake shows at the start; connects not before `start`.

        Raises:
            ConfigError: a file or the host cannot be used.
            ContractError: an impossible ``device_id``.
        """
        self._transport = make_transport(settings, check_device_id(device_id))
        self._on_command = on_command
        self._changed = Condition()
        self._waiting = Waiting()
        self._connection: Connection | None = None
        self._troubles = Troubles(pauses or Pauses(), device_id)
        self._closing = False
        self._closed_by = 0.0
        self._thread = Thread(target=self._run, name="mqtt", daemon=True)
        _warn_of_open_password(read_access(settings))

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""
        connection = self._connection
        return connection is not None and connection.end is None

    @property
    def problems(self) -> tuple[str, ...]:
        """For people: why there is no connection, or what the broker does not let us do."""
        with self._changed:
            refusals = self._connection.refusals.values() if self._connection else ()
            return (*self._troubles.shown(time.monotonic()), *refusals)

    @property
    def waiting(self) -> int:
        """Messages not yet handed over."""
        return len(self._waiting)

    @property
    def dropped(self) -> Mapping[str, int]:
        """Messages that were never sent, by topic."""
        with self._changed:
            return dict(self._waiting.dropped)

    @property
    def figures(self) -> Mapping[str, int]:
        """What is under way on the connection: messages, and where the library tells, bytes."""
        connection = self._connection
        return {} if connection is None else connection.figures

    def start(self) -> None:
        """Connect, and stay connected, until `close`."""
        self._thread.start()

    def publish(self, kind: Topic, payload: str | bytes) -> None:
        """Send soon. While there is no connection, state is kept until there is one, and news for a few seconds."""
        content = payload.encode() if isinstance(payload, str) else payload
        with self._changed:
            if len(content) > self._transport.largest:
                self._waiting.dropped[kind] += 1
                return
            self._waiting.put(kind, content, time.monotonic())
            self._changed.notify_all()

    def close(self, seconds: float = 1.0) -> None:
        """Send what waits and ``stopped``, and part; gives up after ``seconds``. May be called twice."""
        with self._changed:
            self._closing = True
            self._closed_by = time.monotonic() + seconds * 0.8  # the rest is for the farewell itself
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(seconds)

    # --- the link's own thread ---

    def _run(self) -> None:
        pause = 0.0
        while not self._closing:
            try:
                self._serve()
            except EdgeError as error:
                with self._changed:
                    pause = self._troubles.down(error, time.monotonic(), random.random())  # noqa: S311  no secret
            with self._changed:  # not above: there, the error would keep its socket open
                self._changed.wait_for(lambda: self._closing, pause)

    def _serve(self) -> None:
        connection = self._transport.connect(self._heard, self._changed)
        with self._changed:
            self._connection = connection
            said = f"connected to the broker at {connection.access.address} ({connection.spoken})"
            self._troubles.up(time.monotonic(), said)
            self._waiting.send_state_again()
            self._waiting.put(Topic.AVAILABILITY, Availability.ONLINE.encode(), time.monotonic())
        try:
            while (letter := self._next(connection)) is not None:
                connection.send(letter)
            connection.send(Letter(Topic.AVAILABILITY, Availability.STOPPED.encode()))
            connection.close(self._closed_by - time.monotonic())
        finally:
            connection.drop()
            with self._changed:
                self._connection = None

    def _next(self, connection: Connection) -> Letter | None:
        """The next message to send, once there is one and room for it; None: nothing left, and we are to close."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._wanted(connection))
                self._troubles.note(connection.refusals.values())
                if connection.end is not None:
                    raise connection.end
                if self._closing and time.monotonic() >= self._closed_by:
                    return None
                letter = self._waiting.take(time.monotonic())
                if letter is not None or self._closing:
                    return letter

    def _heard(self, path: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001  an OnCommand
        """Called by the library's thread: a command, or what is said of us."""
        if path != Topic.AVAILABILITY:
            self._on_command(path, payload, retained)
            return
        # The will of a connection that we have left may be published after we are back: see docs/adr/0012.
        if not retained and payload != Availability.ONLINE.encode():
            with self._changed:
                if not self._closing:
                    self._waiting.put(Topic.AVAILABILITY, Availability.ONLINE.encode(), time.monotonic())
                    self._changed.notify_all()

    def _wanted(self, connection: Connection) -> bool:
        room = connection.in_flight < IN_FLIGHT
        new = not self._troubles.knows(connection.refusals.values())
        return self._closing or new or connection.end is not None or (room and len(self._waiting) > 0)


def _warn_of_open_password(access: Access) -> None:
    try:
        nearby = access.host == "localhost" or ip_address(access.host).is_loopback
    except ValueError:
        nearby = False
    if access.password is not None and access.tls is None and not nearby:
        log.warning("the password for the broker at %s crosses the network unencrypted; set mqtt.tls", access.address)
