"""A network and a broker that come and go: everything comes back, and nothing is said twice."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from support.links import BOTH, QUICK, MakeLink
from support.mosquitto import Mosquitto
from support.proxy import Proxy
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.mqtt import connection, waiting
from howsitgoing_edge.mqtt.pauses import Pauses

BASE = "howsitgoing/hat-1"


@pytest.fixture
def network(broker: Mosquitto) -> Iterator[Proxy]:
    """The stretch between the device and ``broker``."""
    with Proxy(broker.device_port) as proxy:
        yield proxy


@BOTH
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restarted_broker_gets_everything_again(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, end: str
) -> None:
    """Killed, it has forgotten what was retained; stopped, it has kept our last will as the newest state."""
    link = make_link(port=broker.device_port)
    for kind in (Topic.INFO, Topic.SETTINGS, Topic.MOOD, Topic.HEALTH):
        link.publish(kind, f"first {kind}")
    link.publish(Topic.EVENT, "told before")
    listener.wait_for_text("event", "told before")
    getattr(broker, end)()
    until(lambda: not link.connected)
    link.publish(Topic.MOOD, "changed meanwhile")
    broker.start()
    until(lambda: link.connected)
    with Subscriber(broker.port) as later:
        for kind in ("info", "settings", "health"):
            assert later.wait_for_text(kind, f"first {kind}")
        assert later.wait_for_text("mood", "changed meanwhile")
        assert later.wait_for_text("availability", "online")
    listener.wait_until_subscribed()
    link.publish(Topic.EVENT, "told after")
    listener.wait_for_text("event", "told after")
    assert [m.text for m in listener.on("event")] == ["told before", "told after"]
    assert link.problems == ()


@BOTH
def test_a_device_that_is_said_to_be_offline_says_that_it_is_not(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink
) -> None:
    """The will of a connection that it has left may come after it is back, and would stand there for hours."""
    link = make_link(port=broker.device_port)
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/availability", "offline", retain=True)
    listener.wait_for(
        lambda heard: [m.text for m in heard if m.topic == f"{BASE}/availability"] == ["online", "offline", "online"]
    )
    with Subscriber(broker.port) as later:
        assert later.wait_for_text("availability", "online").retained
    link.close()
    listener.wait_for_text("availability", "stopped")
    with Subscriber(broker.port) as later:
        assert later.wait_for_text("availability", "stopped").retained


@BOTH
def test_figures_tell_what_the_broker_has_not_confirmed(
    listener: Subscriber, make_link: MakeLink, network: Proxy, transport: str
) -> None:
    """For health: a link that looks connected, and does not get anything through."""
    link = make_link(port=network.port)
    assert set(link.figures.values()) <= {0}
    listener.wait_for_text("availability", "online")
    until(lambda: link.figures.get("unacked") == 0)
    network.answers_arrive = False
    for number in range(3):
        link.publish(Topic.EVENT, f"unconfirmed {number}")
    until(lambda: link.figures["unacked"] == 3)
    listener.wait_for_text("event", "unconfirmed 2")
    if transport == "aws":
        assert link.figures["incomplete"] >= 3
        assert link.figures["incomplete_bytes"] >= link.figures["unacked_bytes"] > 3 * len("unconfirmed 0")
    network.answers_arrive = True
    network.cut()
    until(lambda: link.figures.get("unacked") == 0)


@BOTH
def test_an_event_whose_receipt_got_lost_is_not_told_twice(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, network: Proxy
) -> None:
    """The broker has told everybody, and breaks before we know: a client that resends would make people hear it again."""
    link = make_link(port=network.port)
    listener.wait_for_text("availability", "online")
    network.answers_arrive = False
    for number in range(5):
        link.publish(Topic.EVENT, f"unconfirmed {number}")
    listener.wait_for_text("event", "unconfirmed 4")
    network.answers_arrive = True
    network.cut()
    listener.wait_for(lambda heard: [m.text for m in heard if m.topic == f"{BASE}/availability"].count("online") == 2)
    link.publish(Topic.EVENT, "after")
    listener.wait_for_text("event", "after")
    assert [m.text for m in listener.on("event")] == [*(f"unconfirmed {number}" for number in range(5)), "after"]
    assert broker.log.count("(d1,") == 0


@BOTH
def test_news_of_a_short_outage_is_told_and_of_a_long_one_is_not(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A router that restarts must not cost an event; a smile of half an hour ago is no news."""
    link = make_link(port=broker.device_port)
    listener.wait_for_text("availability", "online")
    broker.stop()
    until(lambda: not link.connected)
    monkeypatch.setitem(waiting.LIFE, Topic.EVENT, 0.05)
    link.publish(Topic.EVENT, "grows old")
    monkeypatch.undo()
    link.publish(Topic.EVENT, "young")
    passes(0.05)
    broker.start()
    # Whether the listener or the device is back first is chance: the broker's log knows both.
    broker.wait_for_log(f"'{BASE}/event', ... (5 bytes))")
    until(lambda: link.dropped == {"event": 1})
    assert "(9 bytes)" not in broker.log


@BOTH
def test_a_radio_out_of_reach_keeps_nobody_waiting_and_fills_nothing(
    listener: Subscriber, make_link: MakeLink, network: Proxy
) -> None:
    """Nothing says that the connection is dead; for a minute all sent data just piles up."""
    link = make_link(port=network.port)
    listener.wait_for_text("availability", "online")
    network.stall()
    began = time.perf_counter()
    for number in range(500):
        for kind in (Topic.MOOD, Topic.EVENT, Topic.HEALTH):
            link.publish(kind, f"{kind} {number}")
        link.publish(Topic.FACE, bytes(20_000))
    assert time.perf_counter() - began < 10, "waiting for the network just once takes longer"
    until(lambda: link.dropped.get("event", 0) >= 400)
    assert link.waiting <= sum(waiting.ROOM.values()) + len(waiting.STATE_FIRST)
    began = time.monotonic()
    link.close()
    assert time.monotonic() - began < 1.2
    network.resume()


@BOTH
def test_a_radio_that_comes_back_brings_the_newest_state(listener: Subscriber, make_link: MakeLink, network: Proxy) -> None:
    """The connection may survive a short silence: then the states in between are not worth sending."""
    link = make_link(port=network.port)
    listener.wait_for_text("availability", "online")
    network.stall()
    for number in range(500):
        link.publish(Topic.MOOD, str(number))
    network.resume()
    listener.wait_for_text("mood", "499")
    assert len(listener.on("mood")) < 100


@BOTH
def test_a_broker_that_still_believes_in_the_old_connection_ends_with_online(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, network: Proxy
) -> None:
    """It publishes the old connection's last will when the new one comes: that must not be the last word."""
    link = make_link(port=network.port)
    listener.wait_for_text("availability", "online")
    half_open = network.abandon()
    listener.wait_for(lambda heard: [m.text for m in heard if m.topic == f"{BASE}/availability"].count("online") == 2)
    link.publish(Topic.EVENT, "marker")
    listener.wait_for_text("event", "marker")
    with Subscriber(broker.port) as later:
        later.wait_for(lambda heard: any(m.topic == f"{BASE}/availability" for m in heard))
        assert [m.text for m in later.on("availability")] == ["online"]
    for end in half_open:
        end.close()


@BOTH
def test_two_devices_of_one_name_are_told_so(broker: Mosquitto, make_link: MakeLink, caplog: pytest.LogCaptureFixture) -> None:
    """Copies of one memory card would throw each other out for ever, and nobody would know why."""
    slow = Pauses(first=0.2, longest=0.4, steady=5)
    first = make_link(port=broker.device_port, pauses=slow)
    until(lambda: first.connected)
    make_link(port=broker.device_port, pauses=slow)
    trouble = "does another device have the device.id 'hat-1' as well?"
    until(lambda: any(trouble in problem for problem in first.problems))
    assert len(caplog.records) <= 8
    until(lambda: first.connected)
    assert any(trouble in problem for problem in first.problems)


def test_a_broker_that_lets_mqtt_5_wait_is_remembered(make_link: MakeLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some old ones do: that must cost its seconds once, not at every reconnect."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    levels: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as old:
        link = make_link(port=old.getsockname()[1])
        while len(levels) < 3:
            client, _ = old.accept()
            with client:
                levels.append(client.recv(1000)[8])
                if levels[-1] == 4:
                    client.sendall(bytes((0x20, 2, 0, 0)))
                    until(lambda: link.connected)
                else:
                    assert client.recv(1000) == bytes((0xE0, 0)), "no answer: the link says goodbye"
    assert levels == [5, 4, 4]


@BOTH
def test_a_connection_that_breaks_at_once_is_not_taken_for_a_recovery(make_link: MakeLink, network: Proxy) -> None:
    """Otherwise two devices, or a broker that throws us out, would be stormed at the shortest pause."""
    link = make_link(port=network.port, pauses=Pauses(first=0.1, longest=10, refused=10, steady=60))
    began = time.monotonic()
    for _ in range(4):
        until(lambda: link.connected)
        network.cut()
        until(lambda: not link.connected)
    assert time.monotonic() - began > 0.05 + 0.1 + 0.2


@BOTH
def test_each_trouble_is_logged_once_an_outage(
    broker: Mosquitto, listener: Subscriber, make_link: MakeLink, caplog: pytest.LogCaptureFixture
) -> None:
    """A night without a broker must not fill the log."""
    link = make_link(port=broker.device_port, pauses=Pauses(first=0.01, longest=0.01, steady=0))
    for _ in range(2):
        until(lambda: link.connected)
        listener.wait_until_subscribed()
        caplog.clear()
        broker.stop()
        until(lambda: any("nothing listens" in problem for problem in link.problems))
        passes(0.3)
        assert caplog.text.count("nothing listens") == 1
        assert len([r for r in caplog.records if r.name.startswith("howsitgoing_edge.mqtt")]) <= 3
        broker.start()


def test_the_pauses_of_every_day_are_those_of_the_tests_but_longer() -> None:
    """What is tested here quickly holds at the real pace."""
    assert Pauses().steady > Pauses().first > QUICK.first


def passes(seconds: float) -> None:
    """Time in which something must not happen, or must grow old."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)
