"""A device on a broker that works: what others see of it, from the first connect to the end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest
from support.links import BOTH, DEVICE_PROGRAM, Links, MakeLink
from support.mosquitto import Mosquitto, free_port
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.settings import MqttSettings

BASE = "howsitgoing/hat-1"


@BOTH
def test_a_device_announces_itself_with_everything_retained(broker: Mosquitto, make_link: MakeLink) -> None:
    """Home Assistant may start hours later and must find all of it."""
    link = make_link(port=broker.device_port)
    for kind in (Topic.MOOD, Topic.INFO, Topic.SETTINGS, Topic.HEALTH, Topic.EVENT):
        link.publish(kind, f'{{"of":"{kind}"}}')
    with Subscriber(broker.port) as first:
        first.wait_for_text("availability", "online")
        first.wait_for_text("health", '{"of":"health"}')
    with Subscriber(broker.port) as later:
        heard = later.wait_for(lambda all_of_it: all_of_it if len(all_of_it) >= 5 else None)
    assert heard is not None
    assert {m.topic: m.text for m in heard} == {
        f"{BASE}/availability": "online",
        **{f"{BASE}/{kind}": f'{{"of":"{kind}"}}' for kind in ("info", "mood", "settings", "health")},
    }
    assert all(m.retained for m in heard)
    assert {m.topic.rpartition("/")[2]: m.qos for m in heard} == {
        "availability": 1,
        "info": 1,
        "mood": 1,
        "settings": 1,
        "health": 0,
    }


@BOTH
def test_online_comes_after_the_state(broker: Mosquitto, listener: Subscriber, make_link: MakeLink) -> None:
    """Whoever reacts to ``online`` reads the state next."""
    link = make_link(port=broker.device_port, start=False)
    link.publish(Topic.MOOD, "{}")
    link.start()
    listener.wait_for_text("availability", "online")
    assert [m.topic.rpartition("/")[2] for m in listener.heard][-1] == "availability"


@BOTH
def test_an_event_is_heard_once_and_not_retained(broker: Mosquitto, listener: Subscriber, make_link: MakeLink) -> None:
    """News that lay retained would be told anew to everybody who comes later."""
    link = make_link(port=broker.device_port)
    link.publish(Topic.EVENT, b'{"id":"1"}')
    listener.wait_for_text("event", '{"id":"1"}')
    with Subscriber(broker.port) as later:
        later.wait_for_text("availability", "online")
        assert later.on("event") == []
    assert [m.qos for m in listener.on("event")] == [1]


def test_mqtt_5_is_spoken_where_the_broker_speaks_it(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """Only version 5 tells us which topic a broker refuses."""
    with caplog.at_level("INFO"):
        link = make_link(port=broker.device_port)
        listener.wait_for_text("availability", "online")
    assert f"connected to the broker at 127.0.0.1:{broker.port} (MQTTv5)" in caplog.text
    broker.wait_for_log("as howsitgoing-hat-1 (p5, c1, k30)")
    assert link.connected
    assert link.problems == ()


@BOTH
def test_a_clean_stop_says_stopped_and_no_will_follows(broker: Mosquitto, listener: Subscriber, make_link: MakeLink) -> None:
    """``offline`` means that something is wrong; a device switched off in peace is not."""
    link = make_link(port=broker.device_port)
    listener.wait_for_text("availability", "online")
    link.publish(Topic.EVENT, "the last news")
    began = time.monotonic()
    link.close()
    assert time.monotonic() - began < 1
    listener.wait_for_text("availability", "stopped")
    broker.wait_for_log("hat-1 disconnected")
    assert [m.text for m in listener.on("availability")] == ["online", "stopped"]
    assert [m.text for m in listener.on("event")] == ["the last news"]
    assert not link.connected
    link.close()


@BOTH
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSEGV], ids=["killed", "crashed"])
def test_a_process_that_dies_leaves_offline_behind(
    broker: Mosquitto, listener: Subscriber, links: Links, end: signal.Signals
) -> None:
    """A household must not trust the last mood of a device that is gone."""
    settings = links.settings(port=broker.device_port).model_dump_json(exclude_unset=True)
    with subprocess.Popen([sys.executable, "-c", DEVICE_PROGRAM, settings], stdin=subprocess.PIPE) as agent:
        listener.wait_for_text("availability", "online", 20)
        agent.send_signal(end)
        agent.wait(10)
    listener.wait_for_text("availability", "offline")
    with Subscriber(broker.port) as later:
        assert later.wait_for_text("availability", "offline").retained


@BOTH
def test_publishing_takes_no_time_and_old_states_are_skipped(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink
) -> None:
    """The thread that sees must never wait for the network."""
    link = make_link(port=broker.device_port)
    listener.wait_for_text("availability", "online")
    began = time.perf_counter()
    for number in range(2000):
        link.publish(Topic.MOOD, str(number))
    assert time.perf_counter() - began < 10, "waiting for the broker each time takes longer"
    listener.wait_for_text("mood", "1999")
    heard = [int(m.text) for m in listener.on("mood")]
    assert heard == sorted(heard)


@BOTH
def test_commands_arrive_with_their_path_and_whether_they_are_old(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink
) -> None:
    """Whoever carries them out decides by these three."""
    listener.publish(f"{BASE}/set/volume", "90", retain=True)
    got: list[tuple[str, bytes, bool]] = []
    make_link(port=broker.device_port, on_command=lambda *command: got.append(command))
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/set/volume", "50")
    listener.publish(f"{BASE}/set", "1")
    listener.publish(f"{BASE}/set/a/b", "2")
    listener.publish(f"{BASE}/mood", "not a command")
    listener.publish("howsitgoing/hat-2/set/volume", "not for us")
    listener.publish(f"{BASE}/say")
    until(lambda: len(got) >= 5)
    assert got == [
        ("set/volume", b"90", True),
        ("set/volume", b"50", False),
        ("set", b"1", False),
        ("set/a/b", b"2", False),
        ("say", b"", False),
    ]


@BOTH
def test_a_mistake_behind_a_command_does_not_end_the_link(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """It runs on the network's thread, whose death nobody would notice."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    link = make_link(port=broker.device_port, on_command=broken)
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/set/volume", "1")
    link.publish(Topic.EVENT, "still there")
    listener.wait_for_text("event", "still there")
    until(lambda: "a command could not be carried out" in caplog.text)


@BOTH
def test_a_command_of_a_megabyte_never_reaches_our_memory(broker: Mosquitto, listener: Subscriber, make_link: MakeLink) -> None:
    """An MQTT 5 broker is told how much we take."""
    got: list[int] = []
    link = make_link(port=broker.device_port, on_command=lambda _path, payload, _old: got.append(len(payload)))
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/say", b"x" * 1_000_000)
    listener.publish(f"{BASE}/say", b"x" * 20_000)
    until(lambda: got)
    assert got == [20_000]
    assert link.connected


@BOTH
def test_without_a_broker_nothing_waits_and_it_comes_up_later(make_link: MakeLink, caplog: pytest.LogCaptureFixture) -> None:
    """The aid works without one; the trouble is said once, and shown."""
    port = free_port()
    link = make_link(port=port)
    for number in range(100):
        link.publish(Topic.EVENT, str(number))
    until(lambda: link.problems)
    assert link.problems == (
        f"the broker at 127.0.0.1:{port} cannot be reached: nothing listens there; is it running, and is mqtt.port right?",
    )
    assert link.dropped == {"event": 68}
    assert not link.connected
    until(lambda: caplog.text.count("nothing listens") == 1)


@BOTH
def test_closing_is_quick_while_a_server_keeps_silent(make_link: MakeLink) -> None:
    """SIGTERM has two seconds for everything; a broker that hangs must not take them."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        link = make_link(port=silent.getsockname()[1])
        connection, _ = silent.accept()
        began = time.monotonic()
        link.close()
        assert time.monotonic() - began < 1.2
        connection.close()


def test_closing_before_starting_is_no_mistake() -> None:
    """Another part may have failed first."""
    MqttLink(MqttSettings(), "hat-1", lambda *_: None).close()
