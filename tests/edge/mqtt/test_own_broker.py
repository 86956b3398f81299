"""The broker of our own, for those who have none: what a stranger's first ``make run`` publishes to."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from support.links import MakeLink
from support.mosquitto import free_port
from support.parts import need
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.errors import BrokerError
from howsitgoing_edge.mqtt import own_broker
from howsitgoing_edge.mqtt.own_broker import OwnBroker


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """Of a running one."""
    broker = OwnBroker(free_port())
    yield broker.start()
    broker.close()


def test_a_link_falls_back_to_mqtt_3_and_everything_works(
    address: tuple[str, int], make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """Retained state, news, commands, the farewell: the same as at any other broker."""
    got: list[tuple[str, bytes, bool]] = []
    with caplog.at_level("INFO"):
        link = make_link(port=address[1], on_command=lambda *command: got.append(command))
        link.publish(Topic.MOOD, '{"emotion":"happy"}')
        with Subscriber(address[1]) as listener:
            assert listener.wait_for_text("availability", "online")
            assert listener.wait_for_text("mood", '{"emotion":"happy"}')
            link.publish(Topic.EVENT, "news")
            listener.wait_for_text("event", "news")
            listener.publish("howsitgoing/hat-1/set/volume", "30")
            until(lambda: got == [("set/volume", b"30", False)])
            with Subscriber(address[1]) as later:
                assert later.wait_for_text("availability", "online").retained
                assert later.wait_for_text("mood", '{"emotion":"happy"}').retained
            link.close()
            listener.wait_for_text("availability", "stopped")
            assert [m.text for m in listener.on("event")] == ["news"]
    assert "(MQTTv311)" in caplog.text
    assert not [record for record in caplog.records if not record.name.startswith("howsitgoing_edge")]


def test_clients_of_mqtt_5_are_told_at_once_to_use_3(address: tuple[str, int], make_link: MakeLink) -> None:
    """With amqtt alone they would wait: the agent would be ready five seconds late, and other clients would seem dead."""
    began = time.monotonic()
    link = make_link(port=address[1])
    until(lambda: link.connected)
    assert time.monotonic() - began < 1
    need("mosquitto_pub")
    listen = ["mosquitto_sub", "-V", "mqttv5", "-p", str(address[1]), "-t", "howsitgoing/#", "-C", "1", "-W", "5"]
    done = subprocess.run(listen, capture_output=True, text=True, timeout=20, check=False)
    assert "unsupported protocol version" in (done.stderr + done.stdout).lower()


def test_a_device_that_dies_leaves_its_will(address: tuple[str, int]) -> None:
    """Also here: ``offline``, retained."""
    code = (
        "import sys; from howsitgoing_edge.mqtt.link import MqttLink; from howsitgoing_edge.settings import MqttSettings\n"
        f"MqttLink(MqttSettings(host='127.0.0.1', port={address[1]}), 'hat-1', print).start(); sys.stdin.read()"
    )
    with Subscriber(address[1]) as listener, subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as agent:
        listener.wait_for_text("availability", "online", 20)
        agent.kill()
        listener.wait_for_text("availability", "offline")
        with Subscriber(address[1]) as later:
            assert later.wait_for_text("availability", "offline").retained


def test_mosquittos_own_tools_can_listen(address: tuple[str, int], make_link: MakeLink) -> None:
    """The log tells people to use mosquitto_sub: so it has to work."""
    make_link(port=address[1]).publish(Topic.MOOD, "happy")
    need("mosquitto_pub")
    listen = ["mosquitto_sub", "-p", str(address[1]), "-v", "-t", "howsitgoing/#", "-C", "2", "-W", "10"]
    heard = subprocess.run(listen, capture_output=True, text=True, timeout=20, check=True).stdout
    assert sorted(heard.splitlines()) == ["howsitgoing/hat-1/availability online", "howsitgoing/hat-1/mood happy"]


def test_only_this_machine_can_reach_it(address: tuple[str, int]) -> None:
    """It lets anybody in, so nobody from outside may come near."""
    assert address[0] == "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only picks the address that the network would see
        except OSError:
            pytest.skip("this machine has no other address than the loopback: connect it to a network")
        outside = probe.getsockname()[0]
    with pytest.raises(OSError):  # noqa: PT011  refused or unreachable, as the machine has it
        socket.create_connection((outside, address[1]), timeout=2)


def test_a_taken_port_leads_to_the_next() -> None:
    """Another broker may live at 1883 already."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        broker = OwnBroker(port)
        host, got = broker.start()
        try:
            assert port < got < port + own_broker.TRIED_PORTS
            socket.create_connection((host, got), timeout=5).close()
        finally:
            broker.close()


def test_no_port_at_all_is_said() -> None:
    """The agent goes on without it; ``doctor`` shows the sentence."""
    with socket.create_server(("127.0.0.1", 65_535)), pytest.raises(BrokerError, match="port 65535 to 65535"):
        OwnBroker(65_535).start()


def test_it_stops_within_a_second_with_clients_on_it(make_link: MakeLink) -> None:
    """SIGTERM has two seconds for everything."""
    broker = OwnBroker(free_port())
    _, port = broker.start()
    with Subscriber(port) as listener:
        make_link(port=port)
        listener.wait_for_text("availability", "online")
        began = time.monotonic()
        broker.close()
        assert time.monotonic() - began < 1
        broker.close()
    socket.create_server(("127.0.0.1", port)).close()


def test_noise_from_strangers_does_not_end_it(address: tuple[str, int], make_link: MakeLink) -> None:
    """A browser, a port scanner, half a greeting."""
    for noise in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\x7f", b"\x10\x04\x00\x04MQ", bytes(200)):
        with socket.create_connection(address, timeout=5) as stranger:
            stranger.sendall(noise)
    with Subscriber(address[1]) as listener:
        make_link(port=address[1])
        listener.wait_for_text("availability", "online")


def test_amqtt_is_loaded_only_when_it_is_started() -> None:
    """It brings 20 MB that a device with a real broker does not need."""
    code = "import howsitgoing_edge.mqtt.own_broker, howsitgoing_edge.mqtt.link, sys; print('amqtt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "False"
