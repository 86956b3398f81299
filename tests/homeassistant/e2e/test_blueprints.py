"""Blueprints in a real Home Assistant, made into automations as its editor does it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from custom_components.howsitgoing._contract import Topic
from support.home_assistant import mood
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.hass import HomeAssistantProcess
    from support.hat import Hat

SCHOOL = {"latitude": 48.2, "longitude": 11.5}
ELSEWHERE = {"latitude": 48.9, "longitude": 11.9}


def automate(house: HomeAssistantProcess, blueprint: str, **inputs: object) -> None:
    """Settings > Automations & scenes > Blueprints > Create automation > Save."""
    use = {"path": f"howsitgoing/{blueprint}.yaml", "input": inputs}
    house.post(f"/api/config/automation/config/{blueprint}", {"alias": f"By {blueprint}", "use_blueprint": use})
    until(lambda: house.state(f"automation.by_{blueprint}") == "on")


def look(house: HomeAssistantProcess, device: Hat, emotion: str) -> None:
    """The face in front looks so; done when Home Assistant knows it."""
    device.publish(Topic.MOOD, mood(emotion))
    house.wait_for_state(device.slug("sensor", "mood"), emotion)


def go(device: Hat, person: str, where: dict[str, float]) -> None:
    """Their phone tells where they are, by the same broker."""
    topic = f"phones/{person}"
    phone = {"name": f"{person}'s phone", "unique_id": person, "json_attributes_topic": topic}
    device.publish_at(f"homeassistant/device_tracker/{person}/config", json.dumps(phone))
    device.publish_at(topic, json.dumps({**where, "gps_accuracy": 5}))


def test_all_blueprints_are_offered_without_copying_anything(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """A newcomer finds them in the list as soon as there is a device."""
    hat("Blue hat")
    offered = house.ask("blueprint/list", domain="automation")
    names = ("distress_message", "mood_light", "pause_recognition", "say_elsewhere")
    assert {path for path in offered if path.startswith("howsitgoing/")} == {f"howsitgoing/{name}.yaml" for name in names}
    assert all("error" not in found for found in offered.values())


def test_a_light_follows_the_mood(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """A first reading changes nothing; the next does."""
    device = hat("Blue hat")
    automate(house, "mood_light", mood=device.slug("sensor", "mood"), lights=["light.lamp"], hold=0)
    house.call("light.turn_off", entity_id="light.lamp")
    look(house, device, "neutral")
    assert house.state("light.lamp") == "off"
    look(house, device, "surprise")
    house.wait_for_state("light.lamp", "on")


def test_a_carer_is_told_of_distress_that_lasts_once(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """Three seconds instead of minutes; the silence after it is an hour."""
    device = hat("Sad hat")
    note = {"title": "Distress", "message": "{{ emotion }}, {{ now().isoformat() }}"}
    message = [{"action": "persistent_notification.create", "data": note}]
    automate(house, "distress_message", mood=device.slug("sensor", "mood"), message=message, minutes=0.05, relief=30)

    def told() -> list[str]:
        notes = house.ask("persistent_notification/get")  # Home Assistant writes some of its own, of discovered devices
        return [note["message"].partition(",")[0] for note in notes if note["title"] == "Distress"]

    look(house, device, "neutral")
    assert told() == []
    look(house, device, "sad")
    look(house, device, "angry")
    until(lambda: told() == ["Angry"], 20, 0.1)
    look(house, device, "sad")
    look(house, device, "fear")
    assert house.entity("automation.by_distress_message")["attributes"]["current"] == 1
    assert told() == ["Angry"]


def test_recognition_pauses_at_school_and_while_somebody_visits(house: HomeAssistantProcess, hat: Callable[[str], Hat]) -> None:
    """By real persons in a real zone: the device itself is told, and told again afterwards."""
    device = hat("School hat")
    for person in ("anna", "gran"):
        go(device, person, ELSEWHERE)
        house.wait_for_state(f"person.{person}", "not_home")
    automate(
        house,
        "pause_recognition",
        recognition=device.slug("switch", "recognition"),
        wearer="person.anna",
        zones=["zone.school"],
        visitors=["person.gran"],
    )
    home = {name: house.entity("zone.home")["attributes"][name] for name in ("latitude", "longitude")}
    for person, place in (("anna", SCHOOL), ("gran", home)):
        assert device.settings.recognition is True
        go(device, person, place)
        until(lambda: device.settings.recognition is False)
        house.wait_for_state(device.slug("switch", "recognition"), "off")
        go(device, person, ELSEWHERE)
        until(lambda: device.settings.recognition is True)
