"""Switches, selects and the volume: what is in force is what the device says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from custom_components.howsitgoing import commands
from custom_components.howsitgoing._contract import LANGUAGES, Topic
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.exceptions import HomeAssistantError
from support.home_assistant import SETTINGS, deliver, refusal, send

if TYPE_CHECKING:
    from datetime import timedelta

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import MqttMockHAClient

HAT = "anna_s_hat"
RECOGNITION = f"switch.{HAT}_recognition"


def ask(hass: HomeAssistant, action: str, entity: str, **data: object) -> asyncio.Task[Any]:
    """Start an action; it ends when the device has answered."""
    domain, name = action.split(".")
    return asyncio.create_task(hass.services.async_call(domain, name, {ATTR_ENTITY_ID: entity, **data}, blocking=True))


async def published(mqtt_mock: MqttMockHAClient) -> None:
    """Wait until something has gone to the broker."""
    async with asyncio.timeout(2):
        while not mqtt_mock.async_publish.called:  # noqa: ASYNC110  the stand-in sets no event
            await asyncio.sleep(0)


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    ("action", "entity", "data", "setting", "payload", "value"),
    [
        pytest.param("switch.turn_off", RECOGNITION, {}, "recognition", "false", False, id="recognition"),
        pytest.param("switch.turn_off", f"switch.{HAT}_speech", {}, "speech", "false", False, id="speech"),
        pytest.param(
            "select.select_option",
            f"select.{HAT}_speech_mode",
            {"option": "tones"},
            "speech_mode",
            '"tones"',
            "tones",
            id="mode",
        ),
        pytest.param(
            "select.select_option", f"select.{HAT}_language", {"option": "de"}, "language", '"de"', "de", id="language"
        ),
        pytest.param("number.set_value", f"number.{HAT}_volume", {"value": 35}, "volume", "35", 35, id="volume"),
    ],
)
async def test_a_change_is_done_when_the_device_says_so(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    action: str,
    entity: str,
    data: dict[str, Any],
    setting: str,
    payload: str,
    value: object,
) -> None:
    """An automation that goes on after switching the camera off may rely on it being off."""
    before = hass.states.get(entity).state
    asked = ask(hass, action, entity, **data)
    await published(mqtt_mock)
    mqtt_mock.async_publish.assert_called_once_with(f"howsitgoing/hat-1/set/{setting}", payload, 1, False)
    assert not asked.done()
    assert hass.states.get(entity).state == before
    await send(hass, Topic.SETTINGS, replace(SETTINGS, **{setting: value}))
    await asked
    assert hass.states.get(entity).state != before


@pytest.mark.usefixtures("device")
async def test_a_switch_goes_on_again(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """Both ways."""
    await send(hass, Topic.SETTINGS, replace(SETTINGS, recognition=False))
    assert hass.states.get(RECOGNITION).state == STATE_OFF
    asked = ask(hass, "switch.turn_on", RECOGNITION)
    await published(mqtt_mock)
    mqtt_mock.async_publish.assert_called_once_with("howsitgoing/hat-1/set/recognition", "true", 1, False)
    await send(hass, Topic.SETTINGS, SETTINGS)
    await asked
    assert hass.states.get(RECOGNITION).state == STATE_ON


@pytest.mark.usefixtures("device")
async def test_a_change_elsewhere_shows_here(hass: HomeAssistant) -> None:
    """A button on the device, Blynk, another Home Assistant."""
    await send(hass, Topic.SETTINGS, replace(SETTINGS, recognition=False, volume=20))
    assert hass.states.get(RECOGNITION).state == STATE_OFF
    assert hass.states.get(f"number.{HAT}_volume").state == "20"


@pytest.mark.usefixtures("device")
async def test_a_refusal_reaches_the_person_who_asked(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """In words, with the device's reason; what was in force stays."""
    asked = ask(hass, "select.select_option", f"select.{HAT}_language", option="de")
    await published(mqtt_mock)
    deliver(hass, Topic.ERROR, refusal("set/volume", "another one's"))
    deliver(hass, Topic.SETTINGS, SETTINGS)
    assert not asked.done()
    await send(hass, Topic.ERROR, refusal("set/language", "the disk is full"))
    with pytest.raises(HomeAssistantError, match="Anna's hat refused: the disk is full") as refused:
        await asked
    assert refused.value.translation_key == "refused"
    assert hass.states.get(f"select.{HAT}_language").state == "en"


@pytest.mark.usefixtures("device")
async def test_a_refusal_that_nobody_waits_for_is_in_the_log(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody published by hand, and will look there."""
    await send(hass, Topic.ERROR, refusal("set/volume", "101 is above 100"))
    assert "hat-1 refused set/volume: 101 is above 100" in caplog.text


@pytest.mark.usefixtures("device")
async def test_a_device_that_does_not_answer_is_an_error(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a switch that only looks as if it had switched."""
    soon: timedelta = commands.ANSWER_WITHIN / 100
    monkeypatch.setattr(commands, "ANSWER_WITHIN", soon)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, "switch.turn_off", RECOGNITION)
    assert error.value.translation_key == "no_answer"
    assert hass.states.get(RECOGNITION).state == STATE_ON


@pytest.mark.usefixtures("device")
async def test_the_languages_are_the_device_s(hass: HomeAssistant) -> None:
    """It may speak one that it does not list, with a voice installed beside the shipped ones."""
    select = f"select.{HAT}_language"
    assert hass.states.get(select).attributes["options"] == list(LANGUAGES)
    await send(hass, Topic.SETTINGS, replace(SETTINGS, language="pt-BR"))
    assert hass.states.get(select).state == "pt-BR"
    assert hass.states.get(select).attributes["options"] == [*LANGUAGES, "pt-BR"]


@pytest.mark.usefixtures("entry")
async def test_before_the_settings_are_known_nothing_is_claimed(hass: HomeAssistant) -> None:
    """Off would be a guess."""
    await send(hass, Topic.AVAILABILITY, "online")
    assert hass.states.get(RECOGNITION).state == STATE_UNKNOWN
    assert hass.states.get(f"select.{HAT}_language").state == STATE_UNKNOWN
