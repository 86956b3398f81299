"""What Home Assistant shows of a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from custom_components.howsitgoing import PLATFORMS
from custom_components.howsitgoing._contract import EMOTIONS, STATES, Availability, Topic
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from pytest_homeassistant_custom_component.common import snapshot_platform
from support.home_assistant import HEALTH, INFO, change, come_online, config_entry, mood, send

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_registry import EntityRegistry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from syrupy.assertion import SnapshotAssertion

HAT = "anna_s_hat"
MOOD = f"sensor.{HAT}_mood"


@pytest.mark.usefixtures("mqtt_mock", "everything_enabled")
@pytest.mark.freeze_time("2026-01-31T12:00:10Z")
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_every_entity_is_as_it_was(
    hass: HomeAssistant,
    platform: Platform,
    entity_registry: EntityRegistry,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names, units, classes and ids are what automations and statistics are built upon: changing one is news."""
    monkeypatch.setattr("homeassistant.components.image._RND.getrandbits", lambda _: 1)
    entry = config_entry()
    entry.add_to_hass(hass)
    with patch("custom_components.howsitgoing.PLATFORMS", (platform,)):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass)
    await send(hass, Topic.MOOD, mood("happy", 0.91, faces=2))
    await send(hass, Topic.EVENT, change("happy", confidence=0.91))
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


@pytest.mark.usefixtures("device")
async def test_all_is_there_before_the_first_face(hass: HomeAssistant) -> None:
    """A newcomer builds the dashboard before anybody has sat down in front of the camera."""
    shown = {state.entity_id: state.state for state in hass.states.async_all() if HAT in state.entity_id}
    assert STATE_UNAVAILABLE not in shown.values()
    of_the_face = ("mood", "confidence", "positivity", "faces")
    assert {shown[f"sensor.{HAT}_{name}"] for name in of_the_face} == {STATE_UNKNOWN}
    assert shown[f"binary_sensor.{HAT}_face_present"] == STATE_UNKNOWN
    assert shown[f"event.{HAT}_mood_change"] == STATE_UNKNOWN
    assert shown[f"switch.{HAT}_recognition"] == shown[f"switch.{HAT}_speech"] == STATE_ON


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("emotion", STATES)
async def test_every_state_of_the_contract_is_a_state_here(hass: HomeAssistant, emotion: str) -> None:
    """Seven emotions, nobody, and not clear."""
    await send(hass, Topic.MOOD, mood(emotion, 0.7, faces=2))
    state = hass.states.get(MOOD)
    assert state.state == emotion
    assert state.attributes["confidence"] == pytest.approx(0.7)
    assert state.attributes["since"] == "2026-01-31T12:00:00+00:00"
    present = hass.states.get(f"binary_sensor.{HAT}_face_present").state
    assert present == (STATE_OFF if emotion == "none" else STATE_ON)


@pytest.mark.usefixtures("device")
async def test_what_did_not_change_is_not_said_again(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """With hundreds of devices each needless state costs the house."""
    figures = (MOOD, f"sensor.{HAT}_confidence", f"sensor.{HAT}_faces", f"binary_sensor.{HAT}_face_present")
    await send(hass, Topic.MOOD, mood("happy", 0.9, faces=1))
    before = {name: hass.states.get(name).last_reported for name in figures}
    freezer.tick(10)
    await send(hass, Topic.MOOD, mood("sad", 0.9, faces=1))
    assert [name for name in figures if hass.states.get(name).last_reported != before[name]] == [MOOD]


@pytest.mark.usefixtures("device")
async def test_nobody_there_is_not_neutral(hass: HomeAssistant) -> None:
    """An empty room must not pull the day's average towards zero."""
    await send(hass, Topic.MOOD, mood("happy", 1.0))
    assert float(hass.states.get(f"sensor.{HAT}_positivity").state) == pytest.approx(1.0)
    await send(hass, Topic.MOOD, mood("none"))
    assert hass.states.get(f"sensor.{HAT}_positivity").state == STATE_UNKNOWN
    assert hass.states.get(f"sensor.{HAT}_faces").state == "0"


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(
    ("word", "there"), [(Availability.ONLINE, True), (Availability.STOPPED, False), (Availability.OFFLINE, False)]
)
async def test_availability_is_what_the_device_or_its_will_says(hass: HomeAssistant, word: str, there: bool) -> None:  # noqa: FBT001
    """Nothing else makes a device unavailable: neither nobody in front, nor a lost camera."""
    await come_online(hass)
    await send(hass, Topic.MOOD, mood("none"))
    await send(hass, Topic.HEALTH, replace(HEALTH, camera="lost", speaker="lost"))
    await send(hass, Topic.AVAILABILITY, word)
    assert (hass.states.get(MOOD).state == "none") is there
    assert all((state.state != STATE_UNAVAILABLE) is there for state in hass.states.async_all() if HAT in state.entity_id)


@pytest.mark.usefixtures("entry")
async def test_until_a_device_says_that_it_is_there_it_is_not(hass: HomeAssistant) -> None:
    """What the broker kept of a device that is off is old."""
    await send(hass, Topic.MOOD, mood("happy"), retain=True)
    assert hass.states.get(MOOD).state == STATE_UNAVAILABLE
    await send(hass, Topic.AVAILABILITY, "online", retain=True)
    assert hass.states.get(MOOD).state == "happy"


@pytest.mark.usefixtures("device")
async def test_coming_and_going_is_one_line_each_in_the_log(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """A device with a bad network must not fill the log."""
    caplog.clear()
    for word in ("offline", "offline", "online", "online"):
        await send(hass, Topic.AVAILABILITY, word)
    lines = [record.getMessage() for record in caplog.records if record.name == "custom_components.howsitgoing"]
    assert lines == ["hat-1 is offline", "hat-1 is online"]


@pytest.mark.usefixtures("device")
async def test_figures_that_a_device_does_not_know_are_unknown(hass: HomeAssistant) -> None:
    """Not every machine has a thermometer."""
    await send(hass, Topic.HEALTH, replace(HEALTH, temperature_c=None, latency_p95_ms=None))
    assert hass.states.get(f"sensor.{HAT}_temperature").state == STATE_UNKNOWN
    assert hass.states.get(f"sensor.{HAT}_latency").state == STATE_UNKNOWN
    assert hass.states.get(f"sensor.{HAT}_queue").state == "3"


@pytest.mark.usefixtures("device")
async def test_what_is_wrong_is_told_in_the_device_s_own_words(hass: HomeAssistant) -> None:
    """A person reads the sentence; an automation reads the state."""
    assert hass.states.get(f"binary_sensor.{HAT}_problem").state == STATE_OFF
    await send(hass, Topic.HEALTH, replace(HEALTH, problems=("No speaker: looking for one again every 30 s.",)))
    state = hass.states.get(f"binary_sensor.{HAT}_problem")
    assert (state.state, state.attributes["problems"]) == (STATE_ON, ["No speaker: looking for one again every 30 s."])


@pytest.mark.usefixtures("device")
async def test_a_newer_model_is_offered_until_it_is_there(hass: HomeAssistant) -> None:
    """Ids of models are names: whatever differs from ours is new."""
    model = f"update.{HAT}_expression_model"
    assert hass.states.get(model).state == STATE_ON
    await send(hass, Topic.INFO, replace(INFO, model=replace(INFO.model, id="emotion-2"), model_available=None))
    assert hass.states.get(model).state == STATE_OFF
    await send(hass, Topic.INFO, replace(INFO, model=replace(INFO.model, id="emotion-2"), model_available="emotion-1b"))
    assert hass.states.get(model).state == STATE_ON


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_device_that_does_not_look_for_models_has_no_update(hass: HomeAssistant) -> None:
    """No entity that never says anything."""
    info = replace(INFO, features=(), model_available=None)
    entry = config_entry(info)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass, info)
    assert not hass.states.async_entity_ids("update")
    assert not hass.states.async_entity_ids("image")


async def test_every_emotion_can_be_an_event(device: MockConfigEntry, hass: HomeAssistant) -> None:
    """One event type for each, in the contract's order."""
    assert device.runtime_data.available
    assert hass.states.get(f"event.{HAT}_mood_change").attributes["event_types"] == list(EMOTIONS)
