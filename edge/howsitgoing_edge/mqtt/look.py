"""Why there is no connection: looked at once more, where the library kept it to itself, by OpenSSL and a bare greeting."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from howsitgoing_edge.errors import BrokerError, BrokerRefused, EdgeError
from howsitgoing_edge.mqtt import failures
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.failures import Reason

LOOK_SECONDS = 3.0
ALERT_SECONDS = 0.5
_CONNACK: Final = 0x20
_NOT_AGREED: Final = "AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE"
"""So awscrt calls it where OpenSSL sees nothing wrong: the broker asks for no certificate"""
_REFUSALS_OF_3: Final = {
    1: Reason(132, "Unsupported protocol version"),
    2: Reason(133, "Client identifier not valid"),
    3: Reason(136, "Server unavailable"),
    4: Reason(134, "Bad user name or password"),
    5: Reason(135, "Not authorized"),
}
"""MQTT 3.1.1, section 3.2.2.3"""


def overheard(access: Access) -> EdgeError | None:
    """What a broker says who turns our certificate down; None: nothing. With TLS 1.3 a library often misses it."""
    answer = _answer(access, b"")
    return answer if isinstance(answer, BrokerRefused) else None


def look(access: Access, client_id: str, told: str, session: int) -> EdgeError:
    """What is wrong at ``access``. Takes as long as two connects.

    Args:
        access: where to, and what to show.
        client_id: our name there.
        told: the library's name of what is wrong, if any.
        session: seconds that our session at the broker goes on living; what waits in it is not touched.
    """
    answer = _answer(access, _greeting_of_5(client_id, session))
    if isinstance(answer, bytes) and _is_5(answer):
        if answer[3]:
            return failures.refused(Reason(answer[3], f"reason {answer[3]}"), access, client_id)
        if told == _NOT_AGREED:
            return BrokerRefused(
                f"the broker at {access.address} does not ask for our certificate, as awscrt wants it to; "
                'let it ask (require_certificate), or set mqtt.transport = "paho"'
            )
        return BrokerError(f"the broker at {access.address} was slow to answer")  # just now it did
    if isinstance(answer, EdgeError) and not isinstance(answer, failures.NotSpokenError):
        return answer
    return _older(access, client_id)


def _older(access: Access, client_id: str) -> EdgeError:
    who = f"the broker at {access.address}"
    answer = _answer(access, _greeting_of_3(client_id))
    if isinstance(answer, EdgeError):
        return answer
    if answer[0] != _CONNACK:
        return BrokerRefused(f"{who} is no MQTT broker, or not at this port: it says {answer!r}; check mqtt.host and mqtt.port")
    refusal = _REFUSALS_OF_3.get(answer[3])
    if refusal is not None:
        return failures.refused(refusal, access, client_id)
    return BrokerRefused(f'{who} speaks only MQTT 3.1.1, and mqtt.transport = "aws" only 5; set mqtt.transport = "paho"')


def _is_5(answer: bytes) -> bool:
    return answer[0] == _CONNACK and len(answer) > 3 and answer[1] > 2  # noqa: PLR2004  3.1.1's answer has two bytes after these


def _answer(access: Access, greeting: bytes) -> bytes | EdgeError:
    """What the broker says to ``greeting``, its first bytes."""
    if access.tls is None:
        raise ValueError("there is no looking without TLS")
    shaken = False
    try:
        with (
            socket.create_connection((access.host, access.port), LOOK_SECONDS) as plain,
            access.tls.wrap_socket(plain, server_hostname=access.host) as line,
        ):
            shaken = True
            said = _early(line)
            if greeting and not said:
                line.sendall(greeting)
                said = line.recv(64)
    except TimeoutError as error:
        return failures.unanswered(None, access) if shaken else failures.unreachable(error, access)
    except (OSError, ValueError) as error:
        return failures.unanswered(error, access) if shaken else failures.unreachable(error, access)
    return said if len(said) > 3 else failures.hung_up(access)  # noqa: PLR2004  no answer is shorter


def _early(line: ssl.SSLSocket) -> bytes:
    """What comes unasked. Had we written first, the broker's reset could overtake its alert."""
    line.settimeout(ALERT_SECONDS)
    try:
        return line.recv(64)
    except TimeoutError:
        return b""
    finally:
        line.settimeout(LOOK_SECONDS)


def _greeting_of_5(client_id: str, session: int) -> bytes:
    """CONNECT (section 3.1) without a will, into the session that is there."""
    return _connect(client_id, 5, 0x00, bytes((5, 0x11)) + session.to_bytes(4, "big"))


def _greeting_of_3(client_id: str) -> bytes:
    """The same for MQTT 3.1.1, with a clean session."""
    return _connect(client_id, 4, 0x02, b"")


def _connect(client_id: str, level: int, flags: int, properties: bytes) -> bytes:
    name = client_id.encode()
    body = b"\x00\x04MQTT" + bytes((level, flags, 0, 30)) + properties + len(name).to_bytes(2, "big") + name
    return bytes((0x10, len(body))) + body
