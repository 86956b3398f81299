"""Blynk's own Python library (blynk-library-python 0.2.0), behind what it lacks: TLS, time limits, pings, redirects, quiet.

Only its protocol class is used, not its sockets: those are plain, and swallow every error. We look at frames before it does.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import time
from collections.abc import Mapping, Sequence
from typing import Final

from howsitgoing_edge.cloud.blynk.access import BlynkAccess
from howsitgoing_edge.cloud.blynk.alerts import Alert
from howsitgoing_edge.cloud.blynk.blynk_lib import BUFFER, HEADER, HEARTBEAT, SUCCESS, library, protocol
from howsitgoing_edge.cloud.blynk.line import CONNECT_SECONDS, Heard, RedirectedError, Waker, lost, refused, unreachable
from howsitgoing_edge.cloud.blynk.streams import Pin, Value
from howsitgoing_edge.errors import BlynkError

_SECONDS_TO_SEND: Final = 5.0
_RESPONSE, _PING, _REDIRECT = 0, 6, 41
_UNDERSTOOD: Final = {_RESPONSE, _PING, 15, 17, 20}
"""Frames that the library can read; at any other it would hang up"""
_LOGIN_ID: Final = 1
_INVALID_TOKEN: Final = 9

log = logging.getLogger(__name__)


class LibraryLine:
    """One connection."""

    def __init__(self, access: BlynkAccess, waker: Waker) -> None:
        """Connects and logs in, within some seconds.

        Raises:
            BlynkError: not now.
            BlynkRefused: not before a person acts.
        """
        self._access = access
        self._waker = waker
        self._bytes = b""
        self._heard: list[Heard] = []
        self._fence: int | None = None
        self.complaint: str | None = None
        self._socket = _connect(access)
        try:
            self._protocol = protocol()(access.token, self._transmit)
            self._protocol.on("V*", self._on_value)
            self._log_in()
        except BaseException:
            self._socket.close()
            raise

    @property
    def settled(self) -> bool:
        """The server answers in order: it has answered the ping that followed."""
        return self._fence is None

    def write(self, values: Mapping[Pin, Value]) -> None:
        """One message a datastream: the library knows no batches."""
        for pin, value in values.items():
            self._protocol.virtual_write(int(pin), value)
        self._ping()

    def ask(self, pin: Pin) -> None:
        """The answer, if there is one, comes as any other change."""
        self._protocol.sync_virtual(int(pin))
        self._ping()

    def event(self, alert: Alert) -> None:
        """An event of the template."""
        self._protocol.log_event(alert.code, alert.text)

    def listen(self, seconds: float) -> Sequence[Heard]:
        """See `Line.listen`."""
        self._take_in(min(seconds, HEARTBEAT / 10))
        heard, self._heard = self._heard, []
        return heard

    def close(self) -> None:
        """The protocol has no farewell."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _log_in(self) -> None:
        deadline = time.monotonic() + CONNECT_SECONDS
        while self._protocol.state != library().CONNECTED:
            if (left := deadline - time.monotonic()) <= 0:
                raise BlynkError(f"{self._access.who} leaves our login without an answer; check the port in blynk.server")
            self._take_in(left)

    def _take_in(self, seconds: float) -> None:
        self._bytes += self._receive() if self._waker.wait(self._socket, seconds) else b""
        while (frame := self._next_frame()) is not None:
            self._look_at(*frame)
        self._process(b"")  # its own pings, and whether it still hears ours answered

    def _receive(self) -> bytes:
        try:
            data = self._socket.recv(BUFFER)
        except (BlockingIOError, TimeoutError, ssl.SSLWantReadError):
            return b""
        except OSError as error:
            raise lost(self._access, error) from error
        if not data:
            raise lost(self._access)
        return data

    def _next_frame(self) -> tuple[int, int, bytes] | None:
        """Command, status (or length) and all bytes of the next complete frame."""
        if len(self._bytes) < HEADER.size:
            return None
        command, _, length = HEADER.unpack(self._bytes[: HEADER.size])
        size = HEADER.size + (0 if command == _RESPONSE else length)
        if len(self._bytes) < size:
            return None
        frame, self._bytes = self._bytes[:size], self._bytes[size:]
        return command, length, frame

    def _look_at(self, command: int, status: int, frame: bytes) -> None:
        if command == _RESPONSE:
            self._answered(HEADER.unpack(frame)[1], status)
        elif command == _REDIRECT:
            host, _, port = frame[HEADER.size :].decode("ascii", "replace").partition("\0")
            elsewhere = self._access.redirected(host, port or str(self._access.port))
            if elsewhere is not None:
                raise RedirectedError(elsewhere)
        if command in _UNDERSTOOD:
            self._process(frame)
        else:
            log.debug("%s sends a frame of type %d, which is left alone", self._access.who, command)

    def _answered(self, number: int, status: int) -> None:
        if number == _LOGIN_ID and self._protocol.state != library().CONNECTED:
            if status == _INVALID_TOKEN:
                raise refused(self._access)
            if status != SUCCESS:
                raise BlynkError(f"{self._access.who} does not let us in (status {status})")
        elif number == self._fence:
            self._fence = None
        elif status != SUCCESS:
            self.complaint = f"{self._access.who} does not take what we write (status {status}); compare the template's "
            self.complaint += "datastreams and events with docs/blynk.md"

    def _process(self, frame: bytes) -> None:
        try:
            self._protocol.process(frame)
        except (UnicodeDecodeError, IndexError, struct.error) as error:
            raise lost(self._access, "it sends what is no message of Blynk's") from error
        if self._protocol.state == library().DISCONNECTED:
            raise lost(self._access, "it does not answer, or sends what is no message of Blynk's")

    def _on_value(self, pin: str, values: list[str]) -> None:
        if pin.isdecimal() and values:
            self._heard.append(Heard(int(pin), values[0]))

    def _ping(self) -> None:
        self._fence = self._protocol.msg_id
        self._protocol._send(_PING)  # noqa: SLF001  the library offers no other way

    def _transmit(self, data: bytes) -> None:
        try:
            self._socket.settimeout(_SECONDS_TO_SEND)
            self._socket.sendall(data)
            self._socket.setblocking(False)
        except OSError as error:
            raise lost(self._access, error) from error


def _connect(access: BlynkAccess) -> socket.socket:
    plain: socket.socket | None = None
    try:
        plain = socket.create_connection((access.host, access.port), CONNECT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain if access.tls is None else access.tls.wrap_socket(plain, server_hostname=access.host)
    except OSError as error:
        if plain is not None:
            plain.close()
        raise unreachable(error, access) from error
