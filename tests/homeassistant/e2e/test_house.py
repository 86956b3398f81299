"""A real Home Assistant, a real broker, and devices whose faces the tests decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from custom_components.howsitgoing._contract import MAX_PAYLOAD_BYTES, Topic
from support.home_assistant import HEALTH, change, mood
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.hass import HomeAssistantProcess
    from support.hat import Hat
    from support.mosquitto import Mosquitto


def issues(house: HomeAssistantProcess) -> set[str]:
    """What stands under "Repairs"."""
    return {issue["issue_id"] for issue in house.ask("repairs/list_issues")["issues"] if issue["domain"] == "howsitgoing"}


def test_a_device_is_discovered_set_up_and_shown(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """From the retained announcement to states, without typing anything, and all there before the first face."""
    device = hat("First hat")
    shown = house.states("first_hat")
    assert "unavailable" not in shown.values()
    assert shown[device.slug("sensor", "mood")] == "unknown"
    device.publish(Topic.MOOD, mood("happy", 0.8))
    house.wait_for_state(device.slug("sensor", "mood"), "happy")
    assert house.state(device.slug("sensor", "confidence")) == "80.0"
    assert house.state(device.slug("binary_sensor", "face_present")) == "on"
    assert house.complaints() == []


def test_an_event_puts_the_light_on(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """What it is all for."""
    device = hat("Lamp hat")
    house.call("light.turn_off", entity_id="light.lamp")
    device.publish(Topic.MOOD, mood("happy"))
    device.publish(Topic.EVENT, change("sad", "neutral"))
    until(lambda: (house.entity(device.slug("event", "mood_change")) or {})["attributes"].get("event_type") == "sad")
    assert house.state("light.lamp") == "off"
    device.publish(Topic.EVENT, change("happy", "sad"))
    house.wait_for_state("light.lamp", "on")


def test_switches_and_actions_reach_the_device(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """And each is done when the device says so."""
    device = hat("Obedient hat")
    house.call("switch.turn_off", entity_id=device.slug("switch", "recognition"))
    assert device.settings.recognition is False
    assert house.state(device.slug("switch", "recognition")) == "off"
    house.call("number.set_value", entity_id=device.slug("number", "volume"), value=30)
    house.call("select.select_option", entity_id=device.slug("select", "language"), option="de")
    assert (device.settings.volume, device.settings.language) == (30, "de")
    registry = house.ask("config/device_registry/list")
    (device_id,) = [found["id"] for found in registry if found["name"] == "Obedient hat"]
    house.call("howsitgoing.say", text="Essen ist fertig", language="de", device_id=device_id)
    assert '"Essen ist fertig"' in device.said[0]
    device.publish(Topic.MOOD, mood("sad"))
    house.wait_for_state(device.slug("sensor", "mood"), "sad")
    answer = house.post("/api/services/howsitgoing/ask?return_response", {"device_id": device_id})
    assert answer["service_response"]["emotion"] == "sad"
    assert len(device.said) == 2


def test_a_device_that_loses_power_is_unavailable_and_comes_back(
    house: HomeAssistantProcess, hat: Callable[[str], Hat]
) -> None:
    """By its last will; and its return fires nothing."""
    device = hat("Weak hat")
    device.publish(Topic.MOOD, mood("happy"))
    device.publish(Topic.EVENT, change("happy"))
    event = device.slug("event", "mood_change")
    until(lambda: house.state(event) != "unknown")
    before = house.state(event)
    device.vanish()
    house.wait_for_state(device.slug("sensor", "mood"), "unavailable")
    device.connect()
    house.wait_for_state(device.slug("sensor", "mood"), "happy")
    assert house.state(event) == before


def test_a_broker_that_restarts_is_weathered(house: HomeAssistantProcess, hat: Callable[[str], Hat], broker: Mosquitto) -> None:
    """Both sides come back by themselves; nothing is told twice."""
    device = hat("Steady hat")
    device.publish(Topic.MOOD, mood("happy"))
    device.publish(Topic.EVENT, change("happy"))
    event = device.slug("event", "mood_change")
    until(lambda: house.state(event) != "unknown")
    before = house.state(event)
    broker.stop()
    broker.start()
    device.wait_until_online()
    device.publish(Topic.MOOD, mood("sad"))
    house.wait_for_state(device.slug("sensor", "mood"), "sad", 60)
    assert house.state(event) == before
    device.publish(Topic.EVENT, change("sad", "happy"))
    until(lambda: house.state(event) != before)


def test_garbage_from_a_real_broker_is_one_line_each(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """Never an exception in the log, never a wrong state; a repair where a person can do something."""
    device = hat("Garbage hat")
    device.publish(Topic.MOOD, mood("happy"))
    house.wait_for_state(device.slug("sensor", "mood"), "happy")
    already = len(house.complaints())
    for _ in range(3):
        device.publish(Topic.MOOD, b"\xff\xfe{")
        device.publish(Topic.HEALTH, "x" * (MAX_PAYLOAD_BYTES + 1))
        device.publish(Topic.SETTINGS, '{"schema":1,"volume":900}')
        device.publish(Topic.AVAILABILITY, "perhaps")
        device.publish(Topic.EVENT, '{"schema":1,"emotion":"bored"}')
    device.publish(Topic.HEALTH, replace(HEALTH, camera="lost"))
    until(lambda: "camera_lost_garbage-hat" in issues(house))
    assert house.state(device.slug("sensor", "mood")) == "happy"
    assert len(house.complaints()) == already + 5
    assert "Traceback" not in "".join(house.complaints())
    device.publish(Topic.HEALTH, HEALTH)
    until(lambda: not issues(house))
    device.publish(Topic.MOOD, mood("sad").to_json().replace('"schema":1', '"schema":2'))
    until(lambda: "incompatible_garbage-hat" in issues(house))
    assert house.state(device.slug("sensor", "mood")) == "unknown"
    device.publish(Topic.MOOD, mood("sad"))
    house.wait_for_state(device.slug("sensor", "mood"), "sad")
    until(lambda: not issues(house))


def test_a_blueprint_becomes_an_automation_by_a_few_clicks(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """It is in the list already, and what it makes works."""
    device = hat("Blue hat")
    offered = house.ask("blueprint/list", domain="automation")
    assert {path for path in offered if path.startswith("howsitgoing/")} == {
        f"howsitgoing/{name}.yaml" for name in ("distress_message", "mood_light", "pause_recognition", "say_elsewhere")
    }
    inputs = {"mood": device.slug("sensor", "mood"), "lights": ["light.lamp"], "hold": 0}
    use = {"path": "howsitgoing/mood_light.yaml", "input": inputs}
    house.post("/api/config/automation/config/by_mood", {"alias": "By mood", "use_blueprint": use})
    until(lambda: house.state("automation.by_mood") == "on")
    house.call("light.turn_off", entity_id="light.lamp")
    device.publish(Topic.MOOD, mood("neutral"))
    house.wait_for_state(device.slug("sensor", "mood"), "neutral")
    assert house.state("light.lamp") == "off"
    device.publish(Topic.MOOD, mood("surprise"))
    house.wait_for_state("light.lamp", "on")


def test_home_assistant_that_restarts_fires_no_ghosts(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """The last event was yesterday's: the lamp stays as a person left it, and all is as it was."""
    device = hat("Lamp hat")
    event, light = device.slug("event", "mood_change"), "automation.the_lamp_goes_on_when_somebody_comes_to_look_happy"
    device.publish(Topic.MOOD, mood("happy"))
    device.publish(Topic.EVENT, change("happy"))
    house.wait_for_state("light.lamp", "on")
    house.call("light.turn_off", entity_id="light.lamp")
    before, fired = house.states("lamp_hat"), (house.entity(light) or {})["attributes"]["last_triggered"]
    house.stop()
    device.publish(Topic.MOOD, mood("sad"))
    began = datetime.now(UTC).isoformat()
    house.start()
    house.wait_until_running()
    house.wait_for_state(device.slug("sensor", "mood"), "sad", 30)
    after = house.states("lamp_hat")
    assert after[event] == before[event] != "unknown"
    assert (house.entity(light) or {})["attributes"]["last_triggered"] == fired
    assert house.state("light.lamp") == "off"
    (shown,) = house.get(f"/api/history/period/{quote(began)}?filter_entity_id={device.slug('sensor', 'mood')}")
    assert {state["state"] for state in shown} <= {"happy", "unavailable", "sad"}
    assert {name for name in before if before[name] != after[name]} <= {
        device.slug("sensor", name) for name in ("mood", "confidence", "positivity")
    }
    device.publish(Topic.EVENT, change("happy", "sad"))
    house.wait_for_state("light.lamp", "on")
