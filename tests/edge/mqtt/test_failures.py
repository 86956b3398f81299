"""Refusals and losses in words, those too that mosquitto never sends: other brokers do."""

from __future__ import annotations

import socket
import ssl

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
from support.links import MakeLink
from support.waiting import until

from howsitgoing_edge.errors import BrokerError, BrokerRefused, EdgeError
from howsitgoing_edge.mqtt import failures
from howsitgoing_edge.mqtt.access import Access

PLAIN = Access("broker.home", 1883, 30, username="hat", password="open sesame")  # noqa: S106
ENCRYPTED = Access("broker.home", 8883, 30, tls=ssl.create_default_context())
CERTIFIED = Access("broker.home", 8883, 30, tls=ssl.create_default_context(), certificate=b"one")


def spoken(packet: int, words: str) -> failures.Reason:
    """With the number that the standard gives these words."""
    return failures.Reason(ReasonCode(packet, words).value, words)


def alert(name: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {name}]")
    error.reason = name
    return error


@pytest.mark.parametrize(
    ("reason", "kind", "text"),
    [
        ("Bad user name or password", BrokerRefused, "does not let user 'hat' in"),
        ("Not authorized", BrokerRefused, "does not let user 'hat' in"),
        ("Banned", BrokerRefused, "refuses the connection: Banned"),
        ("Retain not supported", BrokerRefused, "refuses the connection: Retain not supported"),
        ("Client identifier not valid", BrokerRefused, "refuses the connection: Client identifier not valid"),
        ("Server unavailable", BrokerError, "refuses the connection: Server unavailable"),
        ("Server busy", BrokerError, "refuses the connection: Server busy"),
        ("Quota exceeded", BrokerError, "refuses the connection: Quota exceeded"),
        ("Unsupported protocol version", failures.NotSpokenError, "speaks neither MQTT 5 nor 3.1.1"),
    ],
)
def test_what_a_person_must_change_is_told_from_what_passes(reason: str, kind: type[EdgeError], text: str) -> None:
    """The one is tried again slowly, the other soon."""
    failure = failures.refused(spoken(PacketTypes.CONNACK, reason), PLAIN, "howsitgoing-hat-1")
    assert type(failure) is kind
    assert f"the broker at broker.home:1883 {text}" in str(failure)
    assert "sesame" not in str(failure)


def test_a_refusal_names_what_we_showed() -> None:
    """A user, a certificate, or nothing: that is where the person looks."""
    reason = spoken(PacketTypes.CONNACK, "Not authorized")
    assert "let our certificate in" in str(failures.refused(reason, CERTIFIED, "hat-1"))
    assert "let a client without mqtt.username in" in str(failures.refused(reason, ENCRYPTED, "hat-1"))


@pytest.mark.parametrize(
    ("reason", "kind", "text"),
    [
        ("Session taken over", BrokerError, "another client called 'howsitgoing-hat-1' took our place"),
        ("Not authorized", BrokerRefused, "ended the connection: Not authorized"),
        ("Server shutting down", BrokerError, "ended the connection: Server shutting down"),
        ("Keep alive timeout", BrokerError, "ended the connection: Keep alive timeout"),
        ("Unspecified error", BrokerError, "was lost"),
    ],
)
def test_a_goodbye_of_the_broker_is_passed_on(reason: str, kind: type[EdgeError], text: str) -> None:
    """Only MQTT 5 gives a reason; then it should be read."""
    failure = failures.lost(None, spoken(PacketTypes.DISCONNECT, reason), PLAIN, "howsitgoing-hat-1")
    assert type(failure) is kind
    assert text in str(failure)


def test_a_broken_encrypted_connection_is_no_refusal() -> None:
    """It was up: the certificates were fine, and trying again soon is right."""
    for error in (ConnectionResetError(104, "Connection reset by peer"), ssl.SSLEOFError(8, "EOF"), alert("DECRYPTION_FAILED")):
        assert type(failures.lost(error, None, CERTIFIED, "x")) is BrokerError


@pytest.mark.parametrize(
    ("access", "error", "text"),
    [
        (ENCRYPTED, alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "wants a client certificate (TLSV13"),
        (ENCRYPTED, alert("SSLV3_ALERT_HANDSHAKE_FAILURE"), "wants a client certificate (SSLV3"),
        (CERTIFIED, alert("TLSV1_ALERT_UNKNOWN_CA"), "does not accept our certificate (TLSV1_ALERT_UNKNOWN_CA)"),
        (CERTIFIED, alert("SSLV3_ALERT_CERTIFICATE_EXPIRED"), "does not accept our certificate (SSLV3"),
        (ENCRYPTED, alert("WRONG_VERSION_NUMBER"), "does not speak TLS with us (WRONG_VERSION_NUMBER); is mqtt.port"),
    ],
)
def test_alerts_while_connecting_tell_certificates_from_a_wrong_port(access: Access, error: Exception, text: str) -> None:
    """TLS 1.2 refuses during the handshake, TLS 1.3 after it."""
    failure = failures.unreachable(error, access)
    assert isinstance(failure, BrokerRefused)
    assert text in str(failure)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x30\x01\x00",
        b"\x30\x02\xff\xff",
        b"\x40\x01\x00",
        b"\xe0\x01\xff",
        b"\xff" * 50,
        b"\x90\x00",
        b"\x30\xff\xff\xff\xff\xff",
        b"\x00",
    ],
    ids=lambda rubbish: rubbish[:6].hex(),
)
def test_a_broker_that_talks_rubbish_does_not_end_the_link(
    rubbish: bytes, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """The network's thread would die of a packet it didn't expect, and the device would look connected for ever."""
    with socket.create_server(("127.0.0.1", 0)) as broken:
        link = make_link(port=broken.getsockname()[1])
        for _ in range(2):
            client, _ = broken.accept()
            with client:
                client.recv(1000)
                client.sendall(bytes((0x20, 3, 0, 0, 0)) + rubbish)
        until(lambda: link.problems)
    assert "Traceback" not in caplog.text
