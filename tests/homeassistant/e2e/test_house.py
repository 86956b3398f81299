"""A real Home Assistant, a real broker, and devices whose faces the tests decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from custom_components.howsitgoing._contract import MAX_PAYLOAD_BYTES, Topic, to_rfc3339
from support.home_assistant import HEALTH, NOON, change, mood
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.hass import HomeAssistantProcess
    from support.hat import Hat
    from support.mosquitto import Mosquitto


def issues(house: HomeAssistantProcess, device: Hat) -> set[str]:
    """What stands under "Repairs" about a device."""
    listed = {issue["issue_id"] for issue in house.ask("repairs/list_issues")["issues"] if issue["domain"] == "howsitgoing"}
    return {issue for issue in listed if issue.endswith(f"_{device.info.device_id}")}


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
    until(lambda: "camera_lost_garbage-hat" in issues(house, device))
    assert house.state(device.slug("sensor", "mood")) == "happy"
    assert len(house.complaints()) == already + 5
    assert "Traceback" not in "".join(house.complaints())
    device.publish(Topic.HEALTH, HEALTH)
    until(lambda: not issues(house, device))
    device.publish(Topic.MOOD, mood("sad").to_json().replace('"schema":1', '"schema":2'))
    until(lambda: "incompatible_garbage-hat" in issues(house, device))
    assert house.state(device.slug("sensor", "mood")) == "unknown"
    device.publish(Topic.MOOD, mood("sad"))
    house.wait_for_state(device.slug("sensor", "mood"), "sad")
    until(lambda: not issues(house, device))


def test_garbage_that_a_broker_keeps_is_offered_to_nobody(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """It comes anew with each start of Home Assistant: one line each, no card, no other device disturbed."""
    device, already = hat("Neighbour hat"), len(house.complaints())
    for name, payload in (("garbage-1", "{broken"), ("no garbage", "{}"), ("garbage-3", "x" * 1_000_000)):
        device.publish_at(f"howsitgoing/{name}/info", payload)
    device.publish(Topic.MOOD, mood("happy"))
    house.wait_for_state(device.slug("sensor", "mood"), "happy")
    until(lambda: len(house.complaints()) == already + 3)
    assert [flow for flow in house.discovered() if "garbage" in str(flow["context"])] == []
    assert max(len(line) for line in house.complaints()) < 500
    for name in ("garbage-1", "no garbage", "garbage-3"):
        device.publish_at(f"howsitgoing/{name}/info", "")


def test_two_devices_with_one_id_are_a_repair(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """Somebody copied a card: what the two say would be mixed up for ever, and nobody would know why."""
    device = hat("Twin hat")
    for minute in range(3):
        at = to_rfc3339(NOON + 60 * minute)
        device.publish(Topic.HEALTH, replace(HEALTH, at=at, uptime_s=90_000 + 60 * minute))
        device.publish(Topic.HEALTH, replace(HEALTH, at=at, uptime_s=500 + 60 * minute))
    until(lambda: issues(house, device) == {"same_id_twin-hat"})


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
