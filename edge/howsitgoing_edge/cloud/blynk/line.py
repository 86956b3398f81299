"""A connection to Blynk, as `panel` needs it; `library` and `mqtt` are the two there are."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from howsitgoing_edge.cloud.blynk.access import BlynkAccess
from howsitgoing_edge.cloud.blynk.alerts import Alert
from howsitgoing_edge.cloud.blynk.streams import Pin, Value
from howsitgoing_edge.errors import BlynkError, BlynkRefused, EdgeError

CONNECT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Heard:
    """The server says that a datastream has this value: somebody changed it, or we asked."""

    pin: int
    text: str


class Line(Protocol):
    """One connection, opened once. Used by one thread."""

    @property
    def settled(self) -> bool:
        """All that was written or asked so far has reached the server."""

    @property
    def complaint(self) -> str | None:
        """What the server did not like about what we wrote, for people; stands for as long as the connection does."""

    def write(self, values: Mapping[Pin, Value]) -> None:
        """Set datastreams. Raises as `listen`."""

    def ask(self, pin: Pin) -> None:
        """Have the server tell the value of a datastream, if it has one. Raises as `listen`."""

    def event(self, alert: Alert) -> None:
        """Tell the carer at once. Raises as `listen`."""

    def listen(self, seconds: float) -> Sequence[Heard]:
        """Wait until something comes, the waker is touched, or ``seconds`` have passed; keeps the connection alive.

        Raises:
            BlynkError: the connection is gone.
            BlynkRefused: and a person must act.
            RedirectedError: another server is to be used.
        """

    def close(self) -> None:
        """End it. May be called twice, and after errors."""


OpenLine = Callable[[BlynkAccess, "Waker"], Line]
"""Opens one; blocks for some seconds at most. Raises as `Line.listen`."""


class RedirectedError(BlynkError):
    """The server sends us to another one."""

    def __init__(self, access: BlynkAccess) -> None:
        """``access``: where to."""
        super().__init__(f"redirected to {access.address}")
        self.access = access


class Waker:
    """Ends another thread's waiting."""

    def __init__(self) -> None:
        """Not touched yet."""
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._mouth.setblocking(False)

    def touch(self) -> None:
        """From any thread; never blocks."""
        with contextlib.suppress(OSError):  # full: touched often enough; closed: nobody waits any more
            self._mouth.send(b"\0")

    def wait(self, other: socket.socket, seconds: float, *, writable: bool = False) -> bool:
        """Until ``other`` can be read (or written to), or somebody touched us; whether it was ``other``."""
        if isinstance(other, ssl.SSLSocket) and other.pending():
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.register(other, selectors.EVENT_READ | (selectors.EVENT_WRITE if writable else 0))
            ready = [key.fileobj for key, _ in selector.select(max(0.0, seconds))]
        with contextlib.suppress(BlockingIOError):
            self._ear.recv(4096)
        return other in ready

    def close(self) -> None:
        """Nobody waits any more."""
        self._ear.close()
        self._mouth.close()


def unreachable(error: Exception, access: BlynkAccess) -> EdgeError:
    """No connection could be made, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return BlynkRefused(
            f"{access.who} shows a certificate that cannot be trusted: {error.verify_message}; check blynk.server, "
            "blynk.ca_file, and whether this device's clock is right"
        )
    if isinstance(error, ssl.SSLError):
        why = error.reason or str(error)
        return BlynkRefused(f"{access.who} does not speak TLS with us ({why}); check the port in blynk.server, and blynk.tls")
    advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), str(error))
    return BlynkError(f"{access.who} cannot be reached: {advice}")


_ADVICE: Final = {
    socket.gaierror: "no address is known for this name; check blynk.server and the network",
    ConnectionRefusedError: "nothing listens there; check blynk.server",
    TimeoutError: "it does not answer; check the network",
}


def refused(access: BlynkAccess) -> EdgeError:
    """The token opens nothing."""
    return BlynkRefused(
        f"{access.who} refuses the token; copy it again from Device Info in Blynk's console, and check that blynk.server is "
        "the region shown there"
    )


def lost(access: BlynkAccess, why: object = "") -> EdgeError:
    """A connection that was up is gone."""
    return BlynkError(f"the connection to {access.who} was lost{f' ({why})' if str(why) else ''}")
