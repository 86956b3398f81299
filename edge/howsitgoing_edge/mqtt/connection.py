"""One connection to a broker: opened once, used, closed. Nothing of it outlives it, so nothing is ever repeated."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from threading import Condition

import paho.mqtt.client as paho
from paho.mqtt.enums import LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from howsitgoing_edge.contract import DELIVERY, Topic
from howsitgoing_edge.errors import BrokerError, EdgeError
from howsitgoing_edge.mqtt import failures
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.client import CONNECT_SECONDS, Identity, make_client
from howsitgoing_edge.mqtt.waiting import Letter

OnCommand = Callable[[str, bytes, bool], None]
"""Called by the network's thread with the topic below the device (``set/volume``), the payload, and whether it is an old one
that the broker had retained. Must be quick."""

DROP_SECONDS = 1.0

log = logging.getLogger(__name__)


class Connection:
    """Used by one thread; paho's thread calls back. ``changed`` guards what both see, and is notified of every change."""

    def __init__(
        self, access: Access, identity: Identity, version: MQTTProtocolVersion, on_command: OnCommand, changed: Condition
    ) -> None:
        """Nothing happens before `open`."""
        self.access = access
        self.version = version
        self.refusals: dict[str, str] = {}
        """Topic -> what the broker does not let us do there"""
        self._identity = identity
        self._on_command = on_command
        self._changed = changed
        self._accepted = False
        self._running = False
        self._dropped = False
        self._end: EdgeError | None = None
        self._goodbye: ReasonCode | None = None
        self._network_error: Exception | None = None
        self._in_flight: dict[int, Topic] = {}
        self._confirmed_early: dict[int, ReasonCode] = {}
        self._subscribing: dict[int, str] = {}
        self._client = make_client(access, identity, version)
        self._client.ended = self._on_ended
        self._client.on_log = self._on_log
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message

    @property
    def end(self) -> EdgeError | None:
        """Why the connection is no more; None: it is up."""
        return self._end

    @property
    def in_flight(self) -> int:
        """Messages sent and not yet confirmed by the broker."""
        return len(self._in_flight)

    def open(self) -> None:
        """Connect and subscribe to commands. Blocks for at most about 10 s, the look-up of the host's name aside.

        Raises:
            NotSpokenError: try an older version of MQTT.
            BrokerError: not now.
            BrokerRefused: not before a person changes something.
        """
        failure = self._knock() or self._wait_for_answer()
        if failure is not None:
            self.drop()
            raise failure

    def send(self, letter: Letter) -> None:
        """Hand one message over. It goes out now or, if the connection breaks, never.

        Raises:
            BrokerError: the connection is gone.
        """
        how = DELIVERY[letter.kind]
        info = self._client.publish(self._identity.topic(letter.kind), letter.payload, how.qos, how.retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerError(f"the connection to the broker at {self.access.address} was lost")
        with self._changed:
            reason = self._confirmed_early.pop(info.mid, None)
            if reason is None:
                self._in_flight[info.mid] = letter.kind
            else:  # paho's thread was quicker than this one
                self._note_confirmed(letter.kind, reason)

    def close(self, seconds: float) -> None:
        """Wait until everything is confirmed, for at most ``seconds``, and part in peace: without the last will."""
        with self._changed:
            self._changed.wait_for(lambda: not self._in_flight or self._end, seconds)
        self.drop()

    def drop(self) -> None:
        """Disconnect at once. Whatever still comes in is ignored. May be called twice."""
        self._dropped = True
        self._client.disconnect()
        with self._changed:  # paho's own loop_stop would wait for ever on a network that swallows everything
            self._changed.wait_for(lambda: not self._running, DROP_SECONDS)

    def _knock(self) -> EdgeError | None:
        try:
            self._client.connect_to(self.access)
        except (OSError, ValueError) as error:
            return failures.unreachable(error, self.access)  # not raised from it: that would keep its socket open
        return None

    def _wait_for_answer(self) -> EdgeError | None:
        self._running = True
        self._client.loop_start()
        with self._changed:
            self._changed.wait_for(lambda: self._accepted or self._end, CONNECT_SECONDS)
            return None if self._accepted else self._end or failures.unanswered(None, self.access)

    # --- called by paho's thread ---

    def _on_connect(self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        if reason.is_failure:
            self._finish(failures.refused(reason, self.access))
            return
        for wanted in (f"{self._identity.topic(Topic.SET)}/#", self._identity.topic(Topic.SAY)):
            _, number = client.subscribe(wanted, DELIVERY[Topic.SET].qos)
            self._subscribing[number or 0] = wanted
        with self._changed:
            self._accepted = True
            self._changed.notify_all()

    def _on_disconnect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        self._goodbye = self._goodbye or reason  # paho calls twice: for the broker's goodbye, then for the closed socket

    def _on_log(self, _client: object, _data: object, level: int, _text: str) -> None:
        error = sys.exception()  # paho logs a socket's error from where it catches it, and keeps it to itself
        if level == LogLevel.MQTT_LOG_ERR and isinstance(error, OSError):
            self._network_error = error

    def _on_ended(self, surprise: Exception | None) -> None:
        self._running = False
        error = surprise or self._network_error
        if not self._accepted:
            self._finish(failures.unanswered(error, self.access))
        else:
            self._finish(failures.lost(error, self._goodbye, self.access, self._identity.client_id))

    def _finish(self, why: EdgeError) -> None:
        with self._changed:
            self._end = self._end or why
            self._changed.notify_all()

    def _on_subscribe(
        self, _client: object, _data: object, number: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        wanted = self._subscribing.get(number, "")
        with self._changed:
            for reason in reasons:
                if reason.is_failure:
                    self.refusals[wanted] = failures.refused_topic("subscribe to", wanted, reason, self.access)
            self._changed.notify_all()

    def _on_publish(self, _client: object, _data: object, number: int, reason: ReasonCode, _properties: object) -> None:
        with self._changed:
            kind = self._in_flight.pop(number, None)
            if kind is None:
                self._confirmed_early[number] = reason
            else:
                self._note_confirmed(kind, reason)
            self._changed.notify_all()

    def _note_confirmed(self, kind: Topic, reason: ReasonCode) -> None:
        name = self._identity.topic(kind)
        if reason.is_failure:
            self.refusals[name] = failures.refused_topic("publish", name, reason, self.access)
        else:
            self.refusals.pop(name, None)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        if self._dropped:
            return
        try:
            path = message.topic.removeprefix(self._identity.topic(Topic.SET).removesuffix(Topic.SET))
            self._on_command(path, bytes(message.payload), message.retain)
        except Exception:  # a mistake in what a command sets off must not take the connection down
            log.exception("a command could not be carried out")
