"""Commands, preferences and the link joined as the agent joins them, on a real broker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.links import MakeLink
from support.mosquitto import Mosquitto
from support.subscriber import Subscriber
from support.waiting import until

from howsitgoing_edge.contract import Refusal, Say, Settings, Topic
from howsitgoing_edge.device.preferences import Preferences
from howsitgoing_edge.mqtt.commands import Commands
from howsitgoing_edge.mqtt.link import MqttLink

BASE = "howsitgoing/hat-1"
Start = Callable[[], MqttLink]


@pytest.fixture
def said() -> list[Say]:
    """What the device was asked to speak."""
    return []


@pytest.fixture
def start(broker: Mosquitto, make_link: MakeLink, tmp_path: Path, said: list[Say]) -> Start:
    """Starts the device; each time from what is on its disk."""

    def begin() -> MqttLink:
        preferences = Preferences(tmp_path / "state", Settings())
        commands = Commands(preferences.change, said.append, lambda refusal: link.publish(Topic.ERROR, refusal.to_json()))
        link = make_link(port=broker.port, on_command=commands.handle)
        preferences.subscribe(lambda settings: link.publish(Topic.SETTINGS, settings.to_json()))
        link.publish(Topic.SETTINGS, preferences.current.to_json())
        return link

    return begin


def settings_of(listener: Subscriber, wanted: Settings) -> None:
    """Until these are in force."""
    listener.wait_for(
        lambda heard: any(m.topic == f"{BASE}/settings" and Settings.from_json(m.payload) == wanted for m in heard)
    )


def test_a_command_is_echoed_by_the_settings_and_outlives_a_restart(start: Start, listener: Subscriber) -> None:
    """What Home Assistant shows is what is in force, today and tomorrow."""
    link = start()
    settings_of(listener, Settings())
    listener.publish(f"{BASE}/set/volume", "30")
    settings_of(listener, Settings(volume=30))
    listener.publish(f"{BASE}/set/speech_mode", '"alerts"')
    settings_of(listener, Settings(volume=30, speech_mode="alerts"))
    link.close()
    with_restart = len(listener.on("settings"))
    start()
    listener.wait_for(lambda heard: sum(m.topic == f"{BASE}/settings" for m in heard) > with_restart)
    assert Settings.from_json(listener.on("settings")[-1].payload) == Settings(volume=30, speech_mode="alerts")


def test_a_refused_command_is_answered_and_changes_nothing(start: Start, listener: Subscriber) -> None:
    """The answer names the command and the reason."""
    start()
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/set/volume", "130")
    answer = listener.wait_for(lambda heard: next((m for m in heard if m.topic == f"{BASE}/error"), None))
    assert answer is not None
    refusal = Refusal.from_json(answer.payload)
    assert (refusal.command, refusal.reason) == ("set/volume", "volume: 130 is above 100")
    assert not answer.retained
    assert len(listener.on("settings")) == 1


def test_say_reaches_the_voice(start: Start, listener: Subscriber, said: list[Say]) -> None:
    """From a phone, a button, an automation."""
    start()
    listener.wait_for_text("availability", "online")
    listener.publish(f"{BASE}/say", '{"text": "Dinner is ready"}')
    listener.publish(f"{BASE}/set/volume", "30")
    settings_of(listener, Settings(volume=30))
    assert said == [Say(text="Dinner is ready")]


def test_a_hostile_flood_leaves_the_device_at_work(start: Start, listener: Subscriber) -> None:
    """Thousands of broken commands: few answers, and then an honest one is obeyed."""
    link = start()
    listener.wait_for_text("availability", "online")
    for number in range(3000):
        listener._client.publish(f"{BASE}/set/{'volume' if number % 2 else chr(0x1F600 + number % 50)}", b"\xff" * 200, 0)
    listener.publish(f"{BASE}/say", b"x" * 30_000)
    link.publish(Topic.EVENT, "news")
    listener.wait_for_text("event", "news")
    assert len(listener.on("error")) < 50
    assert link.connected

    def obeyed() -> bool:
        """Tried again, as a person would, since the flood used up what is allowed."""
        listener.publish(f"{BASE}/set/volume", "77")
        return len(listener.on("settings")) > 1

    until(obeyed, every=0.1)
    assert Settings.from_json(listener.on("settings")[-1].payload).volume == 77
