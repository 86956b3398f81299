"""What keeps a device from its broker, told apart: address, certificate, clock, permission, version of MQTT."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer

import pytest
from support.certificates import Authority, Issued
from support.links import Links, aws_settings, like_aws
from support.mosquitto import Mosquitto, free_port
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.doctor.broker import broker as look_at_broker
from howsitgoing_edge.doctor.findings import Check, State, examine
from howsitgoing_edge.mqtt import connection

SOCKETS_OF_PAHO = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""paho leaves the socket of a failed handshake to the garbage collector, which closes it at once, and warns."""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody knows."""
    return Authority(tmp_path_factory.mktemp("stranger"), "Stranger")


@pytest.fixture(scope="module")
def shown(house_authority: Authority, stranger: Authority, device_certificate: Issued) -> dict[str, Issued]:
    """Certificates that the device may show."""
    return {
        "good": device_certificate,
        "expired": house_authority.issue_for("expired", -9, -2),
        "early": house_authority.issue_for("early", 2, 9),
        "revoked": house_authority.issue("revoked"),
        "strange": stranger.issue("strange"),
    }


@pytest.fixture(scope="module")
def cloud(
    house_authority: Authority,
    server_certificate: Issued,
    shown: dict[str, Issued],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mosquitto]:
    """Stands in for AWS IoT Core, with a list of revoked certificates; only clients called hat-… may connect."""
    revoked = house_authority.revoke(shown["revoked"])
    secured = f"{like_aws(house_authority, server_certificate)}\ncrlfile {revoked}\n"
    with Mosquitto(tmp_path_factory.mktemp("cloud"), f"clientid_prefixes {PREFIX}\nallow_anonymous true", secured) as running:
        yield running


PREFIX = "h"


def problem(transport: str, authority: Authority, certificate: Issued, port: int, device: str = "hat-1", **more: str) -> str:
    """What the link shows when it cannot connect with these."""
    settings = {**aws_settings(authority, certificate), "transport": transport, "port": port, **more}
    with Links(device) as links:
        link = links.make(**settings)
        return until(lambda: link.problems)[0]


@SOCKETS_OF_PAHO
@pytest.mark.parametrize("transport", ["paho", "aws"])
@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", r"does not accept our certificate \(.*\): it expired on 20\d\d-.*; get a new one"),
        (
            "early",
            r"does not accept our certificate \(.*\): it begins on 20\d\d-.* this device's clock says 20.*; set the clock",
        ),
        ("revoked", r"does not accept our certificate \(.*REVOKED\): it was revoked; get a new one"),
        ("strange", r"does not accept our certificate \(.*\): the broker does not know the authority that signed it"),
    ],
    ids=["expired", "early", "revoked", "strange"],
)
def test_why_the_broker_turns_our_certificate_down(
    cloud: Mosquitto,
    house_authority: Authority,
    shown: dict[str, Issued],
    transport: str,
    certificate: str,
    words: str,
) -> None:
    """Each is mended in another way, and by another person."""
    text = problem(transport, house_authority, shown[certificate], cloud.secure_port)
    assert re.search(words, text), text


@SOCKETS_OF_PAHO
@pytest.mark.parametrize("transport", ["paho", "aws"])
def test_an_authority_that_is_not_the_brokers_is_named_by_its_setting(
    cloud: Mosquitto, stranger: Authority, shown: dict[str, Issued], transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root certificate of another year, or of another broker, lies in the folder of many."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)  # awscrt keeps this to itself for up to 30 s
    text = problem(transport, stranger, shown["good"], cloud.secure_port)
    assert "shows a certificate that cannot be trusted: " in text
    assert text.endswith("; mqtt.tls.ca_file must hold the authority that signed it")


@SOCKETS_OF_PAHO
@pytest.mark.parametrize("transport", ["paho", "aws"])
@pytest.mark.parametrize(
    ("brokers", "ours", "words"),
    [
        ((2, 9), "good", "it begins only later; ours is valid at that time, so the broker needs a new certificate"),
        ((2, 9), "early", "it begins only later; ours is not valid at that time either, so the clock is wrong: set it"),
        ((-9, -2), "good", "it has ended; ours is valid at that time, so the broker needs a new certificate"),
        ((-9, -2), "expired", "it has ended; ours is not valid at that time either, so the clock is wrong: set it"),
    ],
    ids=["broker's is early", "clock is slow", "broker's is old", "clock is fast"],
)
def test_a_wrong_clock_is_told_from_a_wrong_certificate(
    house_authority: Authority,
    shown: dict[str, Issued],
    tmp_path: Path,
    transport: str,
    brokers: tuple[float, float],
    ours: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A Pi has no clock of its own: after a night without power and network, every certificate seems to be of the future."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
    server = house_authority.issue_for("odd-broker", *brokers, server=True)
    with Mosquitto(tmp_path, secured=like_aws(house_authority, server)) as odd:
        text = problem(transport, house_authority, shown[ours], odd.secure_port)
    assert words in text, text
    assert "by this device's clock, 20" in text


@pytest.mark.parametrize("transport", ["paho", "aws"])
def test_an_address_that_leads_nowhere_is_told_from_a_door_that_is_shut(
    house_authority: Authority, shown: dict[str, Issued], transport: str
) -> None:
    """A typing error in the endpoint, and a port that a firewall or nobody answers."""
    unknown = problem(transport, house_authority, shown["good"], 8883, host="abc123-ats.iot.invalid")
    assert "cannot be reached: no address is known for this name; check mqtt.host and the network" in unknown
    shut = problem(transport, house_authority, shown["good"], free_port())
    assert "cannot be reached: nothing listens there; is it running, and is mqtt.port right?" in shut


class _WebServer(BaseRequestHandler):
    """Answers what it does not understand as nginx does."""

    def handle(self) -> None:
        if self.request.recv(1000):
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def test_a_web_server_is_no_broker(house_authority: Authority, server_certificate: Issued, shown: dict[str, Issued]) -> None:
    """The address of AWS's console, or port 443 of something else, speaks TLS as well."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=house_authority.file)
    context.load_cert_chain(server_certificate.certificate, server_certificate.key)
    context.verify_mode = ssl.CERT_OPTIONAL
    with TCPServer(("127.0.0.1", 0), _WebServer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        text = problem("aws", house_authority, shown["good"], server.server_address[1])
        server.shutdown()
    assert "is no MQTT broker, or not at this port: it says b'" in text, text
    assert text.endswith("; check mqtt.host and mqtt.port")


def test_a_certificate_whose_policy_does_not_let_it_connect_is_told_so(
    cloud: Mosquitto, house_authority: Authority, shown: dict[str, Issued]
) -> None:
    """On AWS the name of the client must be that of the thing."""
    text = problem("aws", house_authority, shown["good"], cloud.secure_port, device="other")
    assert "does not let our certificate in (" in text
    assert text.endswith("; it must be active, and the policy of its certificate must let it connect as 'other'")


def test_a_topic_that_the_policy_withholds_is_named(
    cloud: Mosquitto, house_authority: Authority, shown: dict[str, Issued], caplog: pytest.LogCaptureFixture
) -> None:
    """A device whose id is not its certificate's name connects, and nobody hears it."""
    with Links("hat-2", **aws_settings(house_authority, shown["good"])) as links:
        link = links.make(port=cloud.secure_port)
        link.publish(Topic.MOOD, "{}")
        until(lambda: len(link.problems) >= 2)
        assert {text.partition(" publish ")[2] for text in link.problems} == {
            f"howsitgoing/hat-2/{kind} (Not authorized); allow it in the policy of its certificate"
            for kind in ("mood", "availability")
        }
        assert link.connected
        until(lambda: caplog.text.count("publish howsitgoing/hat-2/mood") == 1)


def test_the_doctor_says_the_same(cloud: Mosquitto, house_authority: Authority, shown: dict[str, Issued]) -> None:
    """It is where people look first."""
    found = {}
    with Links() as links:
        for name in ("good", "revoked"):
            settings = links.settings(**aws_settings(house_authority, shown[name]), port=cloud.secure_port)
            (found[name],) = examine([Check("broker", lambda settings=settings: look_at_broker(settings, "hat-1"))])
    assert (found["good"].state, found["good"].what) == (
        State.WORKS,
        f"127.0.0.1:{cloud.secure_port} lets us in (MQTT 5, encrypted)",
    )
    assert found["revoked"].state is State.FAILS
    assert "it was revoked" in found["revoked"].what
    assert found["revoked"].advice.startswith("get a new one (on AWS: howsitgoing aws join)")


@pytest.fixture
def only_3(house_authority: Authority, server_certificate: Issued) -> Iterator[int]:
    """The port of an amqtt that speaks TLS, and of MQTT only 3.1.1."""
    from amqtt.broker import Broker

    port, loop = free_port(), asyncio.new_event_loop()
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    files = {"cafile": str(house_authority.file), "certfile": str(server_certificate.certificate)}
    listener = {"type": "tcp", "bind": f"127.0.0.1:{port}", "ssl": True, "keyfile": str(server_certificate.key), **files}
    anybody = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    ready = threading.Event()

    async def serve() -> None:
        broker = Broker({"listeners": {"default": listener}, "plugins": anybody})
        await broker.start()
        ready.set()
        await stop.wait()
        await broker.shutdown()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(20)
    yield port
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


def test_a_broker_of_mqtt_3_is_told_as_such(
    only_3: int, house_authority: Authority, shown: dict[str, Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate and its address are right; only the transport is not for it."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
    text = problem("aws", house_authority, shown["good"], only_3)
    assert text == (
        f'the broker at 127.0.0.1:{only_3} speaks only MQTT 3.1.1, and mqtt.transport = "aws" only 5; '
        'set mqtt.transport = "paho"'
    )
