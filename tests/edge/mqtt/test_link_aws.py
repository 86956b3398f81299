"""What awscrt adds to a link: a session that outlives a short outage, the limits of AWS IoT Core, its port for firewalls."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.certificates import Authority, Issued
from support.links import QUICK, Links, MakeLink, aws_settings, like_aws
from support.mosquitto import Mosquitto
from support.parts import need
from support.proxy import Proxy
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.mqtt import access, aws_client, aws_transport
from howsitgoing_edge.mqtt.connection import Connection
from howsitgoing_edge.mqtt.look import look
from howsitgoing_edge.mqtt.pauses import Pauses
from howsitgoing_edge.mqtt.transports import make_transport
from howsitgoing_edge.settings import MqttSettings

BASE = "howsitgoing/hat-1"
ONLY_AWS = pytest.mark.parametrize("transport", ["aws"], indirect=True)


@pytest.fixture
def network(broker: Mosquitto) -> Iterator[Proxy]:
    """The stretch between the device and ``broker``."""
    with Proxy(broker.device_port) as proxy:
        yield proxy


def wait_for_online(listener: Subscriber, times: int) -> None:
    """So often; by then the link has subscribed."""
    listener.wait_for(lambda heard: [m.text for m in heard if m.topic == f"{BASE}/availability"].count("online") == times)


@ONLY_AWS
def test_client_device_and_user_are_one_name(broker: Mosquitto, make_link: MakeLink, caplog: pytest.LogCaptureFixture) -> None:
    """AWS's policies rest on that; and it is not told which SDK we run."""
    with caplog.at_level("INFO"):
        link = make_link(port=broker.device_port)
        until(lambda: link.connected)
    broker.wait_for_log("as hat-1 (p5, c1, k30, u'hat-1')")
    assert f"connected to the broker at 127.0.0.1:{broker.device_port} (MQTTv5)" in caplog.text


@ONLY_AWS
def test_a_command_given_in_a_short_outage_arrives_once(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, network: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    """A device on the way loses its network in every tunnel; the session outlives that."""
    caplog.set_level("INFO")
    got: list[tuple[str, bytes, bool]] = []
    slow = Pauses(first=1.0, longest=1.0)
    link = make_link(port=network.port, pauses=slow, on_command=lambda *command: got.append(command))
    listener.wait_for_text("availability", "online")
    link.publish(Topic.EVENT, "once")
    listener.wait_for_text("event", "once")
    network.cut()
    until(lambda: not link.connected)
    listener.publish(f"{BASE}/set/volume", "40")
    broker.wait_for_log("as hat-1 (p5, c0, k30")
    until(lambda: got)
    assert got == [("set/volume", b"40", False)]
    listener.publish(f"{BASE}/say")
    until(lambda: len(got) >= 2)
    assert got[1:] == [("say", b"", False)]
    assert [m.text for m in listener.on("event")] == ["once"]
    assert f"connected to the broker at 127.0.0.1:{network.port} (MQTTv5, session resumed)" in caplog.text


@ONLY_AWS
def test_a_command_of_long_ago_is_not_obeyed(
    listener: Subscriber, make_link: MakeLink, network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words spoken minutes late would frighten people; hence the session ends soon."""
    monkeypatch.setattr(aws_client, "SESSION_SECONDS", 1)
    got: list[str] = []
    link = make_link(port=network.port, pauses=Pauses(first=5, longest=5), on_command=lambda path, *_: got.append(path))
    listener.wait_for_text("availability", "online")
    network.cut()
    until(lambda: not link.connected)
    listener.publish(f"{BASE}/say")
    wait_for_online(listener, 2)
    listener.publish(f"{BASE}/set/volume", "1")
    until(lambda: got)
    assert got == ["set/volume"]


@ONLY_AWS
def test_a_stop_in_peace_ends_the_session(broker: Mosquitto, listener: Subscriber, make_link: MakeLink) -> None:
    """A device that is switched on again must not obey what was said while it was off."""
    make_link(port=broker.device_port).close()
    listener.wait_for_text("availability", "stopped")
    listener.publish(f"{BASE}/say")
    got: list[str] = []
    make_link(port=broker.device_port, on_command=lambda path, *_: got.append(path))
    wait_for_online(listener, 2)
    listener.publish(f"{BASE}/set/volume", "1")
    until(lambda: got)
    assert got == ["set/volume"]


@ONLY_AWS
def test_a_message_too_large_for_aws_is_dropped_and_counted(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink
) -> None:
    """AWS would end the connection over it."""
    link = make_link(port=broker.device_port)
    link.publish(Topic.FACE, bytes(aws_transport.AwsTransport.largest + 1))
    link.publish(Topic.EVENT, "news")
    listener.wait_for_text("event", "news")
    assert link.dropped == {"face": 1}
    assert listener.on("face") == []


def test_a_message_too_large_for_this_broker_is_named(
    tmp_path: Path, house_authority: Authority, server_certificate: Issued, device_certificate: Issued
) -> None:
    """Each broker has a limit of its own, and says so at the greeting."""
    secured = like_aws(house_authority, server_certificate)
    with (
        Mosquitto(tmp_path, "allow_anonymous true\nmax_packet_size 2000", secured) as broker,
        Links(**aws_settings(house_authority, device_certificate)) as links,
    ):
        link = links.make(port=broker.secure_port)
        link.publish(Topic.EVENT, "x" * 5000)
        until(lambda: link.problems)
        assert f"does not let this device publish {BASE}/event" in link.problems[0]
        assert link.connected


def test_at_port_443_the_protocol_is_named(
    server_certificate: Issued, house_authority: Authority, device_certificate: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks of schools and clinics let nothing else out, and AWS tells MQTT there by this name alone."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server_certificate.certificate, server_certificate.key)
    context.load_verify_locations(house_authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2", access.ALPN])
    named: list[str | None] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with context.wrap_socket(server.accept()[0], server_side=True) as line:
                named.append(line.selected_alpn_protocol())
                line.recv(1000)
                line.sendall(bytes((0x20, 3, 0, 0, 0)))
                while line.recv(1000):  # until the link leaves
                    pass

        threading.Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        monkeypatch.setattr(access, "WEB_PORT", port)
        with Links(**aws_settings(house_authority, device_certificate)) as links:
            link = links.make(port=port, pauses=Pauses())
            until(lambda: named)
            until(lambda: link.connected)
    assert named == ["x-amzn-mqtt-ca"]


def test_the_package_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """Not everybody needs it, so not everybody has it."""
    code = (
        "import sys\n"
        "sys.modules['awscrt'] = None\n"
        "from importlib import util\n"
        "from howsitgoing_edge.mqtt.transports import make_transport\n"
        "from howsitgoing_edge.settings import MqttSettings, TlsSettings\n"
        "try: make_transport(MqttSettings(transport='aws', host='h', tls={'certificate': '/c', 'key': '/k'}), 'hat-1')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.stdout == 'ConfigError mqtt.transport = "aws" needs a package: pip install "howsitgoing[aws]"\n', done.stderr


def test_awscrt_is_not_loaded_for_a_broker_at_home(tmp_path: Path) -> None:
    """It is 30 MB of memory that most devices have no use for."""
    code = (
        "import sys\n"
        "from howsitgoing_edge.mqtt.station import Station\n"
        "from howsitgoing_edge.settings import MqttSettings\n"
        "Station(MqttSettings(transport='paho'), 'hat-1', on_set=print, on_say=print)\n"
        "print('awscrt' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.stdout == "False\n", done.stderr


CERTIFIED = {"certificate": "/c", "key": "/k"}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"tls": CERTIFIED}, "needs host, the endpoint, like abc123-ats"),
        ({"host": "h"}, "needs tls.certificate and tls.key: 'howsitgoing aws join' makes them"),
        ({"host": "h", "tls": {}}, "needs tls.certificate and tls.key"),
        ({"host": "h", "tls": CERTIFIED, "username": "hat"}, "goes by certificate alone"),
        ({"host": "h", "tls": CERTIFIED, "keepalive": 20}, "needs a keepalive of 30 to 1200 seconds"),
    ],
    ids=["no endpoint", "no tls", "no certificate", "a user", "keepalive"],
)
def test_settings_that_cannot_work_with_aws_are_refused(settings: dict[str, Any], reason: str) -> None:
    """Before the first connection, which AWS would refuse without a word."""
    with pytest.raises(ValidationError, match=reason):
        MqttSettings.model_validate({"transport": "aws", **settings})


@ONLY_AWS
def test_looking_for_the_trouble_leaves_the_session_alone(broker: Mosquitto, listener: Subscriber, links: Links) -> None:
    """A connect that failed by chance must not cost the commands that wait for the device."""
    transport = make_transport(links.settings(port=broker.device_port), "hat-1")
    first = transport.connect(lambda *_: None, threading.Condition())
    first.settle(5)
    first.drop()
    listener.publish(f"{BASE}/say", "waits")
    assert "was slow to answer" in str(look(first.access, "hat-1", "", aws_client.SESSION_SECONDS))
    got: list[tuple[str, bytes, bool]] = []
    second = transport.connect(lambda *command: got.append(command), threading.Condition())
    until(lambda: got)
    assert got == [("say", b"waits", False)]
    second.close(1)


@ONLY_AWS
def test_a_key_that_awscrt_cannot_use_is_named(broker: Mosquitto, make_link: MakeLink, tmp_path: Path) -> None:
    """OpenSSL takes Ed25519, so nothing else finds fault with it."""
    names = {"key": tmp_path / "key", "certificate": tmp_path / "certificate"}
    made = ["-keyout", names["key"], "-out", names["certificate"], "-subj", "/CN=hat-1", "-nodes"]
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ed25519", *made], capture_output=True, check=True, timeout=30)
    link = make_link(port=broker.device_port, tls=names)
    until(lambda: link.problems)
    assert link.problems == ("mqtt.tls.key: awscrt takes ECDSA and RSA keys alone; 'howsitgoing aws join' makes one",)


@ONLY_AWS
def test_a_connection_that_is_over_leaves_nothing_behind(broker: Mosquitto, links: Links) -> None:
    """On the way there is a new one every few minutes, for months; awscrt would keep 70 kB of each."""
    transport = make_transport(links.settings(port=broker.device_port), "hat-1")
    over: list[weakref.ref[Connection]] = []
    for part in (lambda made: made.close(1), lambda made: made.drop()):
        made = transport.connect(lambda *_: None, threading.Condition())
        over.append(weakref.ref(made))
        part(made)
        del made
    until(lambda: not any(one() for one in over))


def test_the_session_is_longer_than_a_tunnel_and_shorter_than_patience() -> None:
    """What is tested here quickly holds at the real pace."""
    assert QUICK.longest < 30 < aws_client.SESSION_SECONDS <= 120
