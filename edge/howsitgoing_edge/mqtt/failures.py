"""Why there is no connection, in words that say what to do; transient or permanent by type."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Final

from howsitgoing_edge.errors import BrokerError, BrokerRefused, EdgeError
from howsitgoing_edge.mqtt import certificates
from howsitgoing_edge.mqtt.access import Access

_WRONG_PROTOCOL = 132
_NAME_NOT_VALID = 133
_BAD_PASSWORD = 134
_NOT_AUTHORIZED = 135
_TAKEN_OVER = 142
_PASSING = {"Server unavailable", "Server busy", "Server shutting down", "Quota exceeded", "Connection rate exceeded"}


@dataclass(frozen=True)
class Reason:
    """What an MQTT 5 broker says, by the standard's number (section 2.4) and in words."""

    value: int
    words: str

    def __str__(self) -> str:
        return self.words


def unreachable(error: Exception, access: Access) -> EdgeError:
    """No connection could be made, or not encrypted."""
    who = f"the broker at {access.address}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return BrokerRefused(f"{who} shows a certificate that cannot be trusted: {certificates.untrusted(error, access)}")
    if certificates.is_about_ours(error):
        return _certificate_refused(error, access)
    if isinstance(error, ssl.SSLError) or (access.tls and isinstance(error, ConnectionResetError)):
        return BrokerRefused(f"{who} does not speak TLS with us ({name(error)}); is mqtt.port its encrypted port?")
    advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), None)
    return BrokerError(f"{who} cannot be reached: {advice or error}")


_ADVICE: Final = {
    socket.gaierror: "no address is known for this name; check mqtt.host and the network",
    ConnectionRefusedError: "nothing listens there; is it running, and is mqtt.port right?",
    TimeoutError: "it does not answer; is it running, and is it on this network?",
}


class NotSpokenError(BrokerError):
    """The broker does not speak this version of MQTT, or says nothing at all on hearing it: an older one may work."""


def unanswered(error: Exception | None, access: Access) -> EdgeError:
    """The broker took the connection, and closed it or let it hang without an answer to our greeting.

    ``error``: what the network said of it. TLS 1.3 refuses a client's certificate this late, and often without the alert.
    """
    if access.tls is not None and error is not None:
        return _certificate_refused(error, access)
    hint = "is it an MQTT broker, and mqtt.port right?" if access.tls is not None else "it may want TLS: see mqtt.tls"
    return NotSpokenError(f"the broker at {access.address} leaves our greeting without an answer; {hint}")


def hung_up(access: Access) -> EdgeError:
    """The broker heard our greeting, and closed the connection without a word."""
    if access.aws:
        return NotSpokenError(
            f"the broker at {access.address} hangs up on our greeting; is it for MQTT, is our certificate active, and does "
            f"{access.rules} let it connect?"
        )
    return NotSpokenError(f"the broker at {access.address} hangs up on our greeting")


def _certificate_refused(error: Exception, access: Access) -> EdgeError:
    return BrokerRefused(f"the broker at {access.address} {certificates.turned_down(error, access)}")


def name(error: Exception) -> str:
    """OpenSSL's name of it, or whatever it says."""
    return certificates.name(error)


def refused(reason: Reason, access: Access, client_id: str) -> EdgeError:
    """The broker's refusal to connect."""
    who = f"the broker at {access.address}"
    if reason.value == _WRONG_PROTOCOL:
        return NotSpokenError(f"{who} speaks neither MQTT 5 nor 3.1.1")
    if reason.value in (_BAD_PASSWORD, _NOT_AUTHORIZED):
        by = f"user {access.username!r}" if access.username else "a client without mqtt.username"
        if access.certified and not access.username:
            wanted = f"{access.rules} must let it connect as {client_id!r}"
            return BrokerRefused(f"{who} does not let our certificate in ({reason}); it must be active, and {wanted}")
        return BrokerRefused(f"{who} does not let {by} in ({reason}); check name, password and {access.rules}")
    if reason.value == _NAME_NOT_VALID:
        return BrokerRefused(f"{who} refuses the connection: {reason}; it does not take {client_id!r} as a client's name")
    kind = BrokerError if str(reason) in _PASSING else BrokerRefused
    return kind(f"{who} refuses the connection: {reason}")


def lost(error: Exception | None, goodbye: Reason | None, access: Access, client_id: str) -> EdgeError:
    """The network (``error``) or the broker (``goodbye``) ended a connection that was up."""
    who = f"the broker at {access.address}"
    if error is not None:
        return BrokerError(f"the connection to {who} was lost ({name(error)})")
    if goodbye is None or str(goodbye) in ("Unspecified error", "Normal disconnection"):
        return BrokerError(f"the connection to {who} was lost")
    if goodbye.value == _TAKEN_OVER:
        return BrokerError(
            f"another client called {client_id!r} took our place at {who}; give each device a device.id of its own"
        )
    kind = BrokerRefused if goodbye.value == _NOT_AUTHORIZED else BrokerError
    return kind(f"{who} ended the connection: {goodbye}")


def refused_topic(doing: str, topic: str, reason: Reason, access: Access) -> str:
    """The broker lets us in, but not do one thing. ``doing``: publish, subscribe to."""
    by = f"user {access.username!r}" if access.username else "this device"
    return f"the broker at {access.address} does not let {by} {doing} {topic} ({reason}); allow it in {access.rules}"
