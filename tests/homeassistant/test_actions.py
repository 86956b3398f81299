"""``howsitgoing.say`` and ``howsitgoing.ask``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from custom_components.howsitgoing import commands
from custom_components.howsitgoing._contract import Say, Topic
from custom_components.howsitgoing.const import DOMAIN
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from support.home_assistant import DEVICE, INFO, come_online, config_entry, deliver, mood, refusal, send

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceResponse
    from homeassistant.helpers.device_registry import DeviceRegistry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import MqttMockHAClient


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that says nothing has not refused: no need to wait for that in every test."""
    monkeypatch.setattr(commands, "REFUSAL_WITHIN", commands.REFUSAL_WITHIN / 50)


async def say(hass: HomeAssistant, **data: object) -> None:
    """Have a device speak."""
    await hass.services.async_call(DOMAIN, "say", data, blocking=True)


async def ask(hass: HomeAssistant, **data: object) -> ServiceResponse:
    """How's it going?"""
    return await hass.services.async_call(DOMAIN, "ask", data, blocking=True, return_response=True)


def said(mqtt_mock: MqttMockHAClient, device: str = DEVICE) -> list[Say]:
    """What a device was told to say."""
    calls = [call.args for call in mqtt_mock.async_publish.call_args_list]
    return [
        Say.from_json(payload)
        for name, payload, qos, retain in calls
        if (name, qos, retain) == (f"howsitgoing/{device}/say", 1, False)
    ]


async def second(hass: HomeAssistant) -> MockConfigEntry:
    """Another device, online."""
    info = replace(INFO, device_id="hat-2", name="Ben")
    entry = config_entry(info)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass, info)
    return entry


@pytest.mark.usefixtures("device")
async def test_the_only_device_need_not_be_named(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """Most households have one."""
    await say(hass, text="  Dinner is ready ")
    await say(hass, text="Essen ist fertig", language="de")
    assert said(mqtt_mock) == [Say("Dinner is ready"), Say("Essen ist fertig", "de")]


@pytest.mark.usefixtures("device")
async def test_of_several_devices_the_one_that_is_named_speaks(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, device_registry: DeviceRegistry
) -> None:
    """And without a name none does, rather than all."""
    await second(hass)
    with pytest.raises(ServiceValidationError, match="Several devices are set up"):
        await say(hass, text="Hello")
    named = device_registry.async_get_device({(DOMAIN, "hat-2")})
    assert named is not None
    await say(hass, text="Hello", device_id=named.id)
    assert (said(mqtt_mock), said(mqtt_mock, "hat-2")) == ([], [Say("Hello")])


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    ("data", "key"),
    [
        pytest.param({"text": "   "}, "text_length", id="nothing"),
        pytest.param({"text": "x" * 501}, "text_length", id="too-long"),
        pytest.param({"text": "a\0b"}, "say_invalid", id="unspeakable"),
        pytest.param({"text": "Hello", "language": "klingon!"}, "say_invalid", id="no-language"),
        pytest.param({"text": "Hello", "device_id": "nobody"}, "no_such_device", id="no-such-device"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_the_reason(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, data: dict[str, Any], key: str
) -> None:
    """Before anything is sent, in the person's language."""
    with pytest.raises(ServiceValidationError) as error:
        await say(hass, **data)
    assert error.value.translation_key == key
    assert said(mqtt_mock) == []


@pytest.mark.usefixtures("mqtt_mock")
async def test_without_a_device_the_actions_say_so(hass: HomeAssistant) -> None:
    """They exist all the same: an automation that uses them stays valid."""
    assert await async_setup_component(hass, DOMAIN, {})
    for action in (say(hass, text="Hello"), ask(hass)):
        with pytest.raises(ServiceValidationError, match="No device of How's it going\\? is set up"):
            await action


@pytest.mark.usefixtures("device")
async def test_a_device_that_is_away_is_told_of_at_once(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """The message would wait at no broker: it is not kept."""
    await send(hass, Topic.AVAILABILITY, "offline")
    with pytest.raises(HomeAssistantError) as error:
        await say(hass, text="Hello")
    assert error.value.translation_key == "not_connected"
    assert said(mqtt_mock) == []


@pytest.mark.usefixtures("device")
async def test_what_the_device_refuses_to_say_reaches_the_person_who_asked(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """Its speech may be switched off, or its speaker gone."""

    async def refuse(*_: object) -> None:
        deliver(hass, Topic.ERROR, refusal("say", "speech is switched off"))

    mqtt_mock.async_publish.side_effect = refuse
    with pytest.raises(HomeAssistantError, match="Anna's hat refused: speech is switched off"):
        await say(hass, text="Hello")
    with pytest.raises(HomeAssistantError, match="speech is switched off"):
        await hass.services.async_call(DOMAIN, "ask", {}, blocking=True)
    await send(hass, Topic.MOOD, mood("happy"))
    assert (await ask(hass))["emotion"] == "happy"


@pytest.mark.usefixtures("device")
async def test_asking_makes_the_device_speak_and_answers(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """An automation can go on with the answer."""
    await send(hass, Topic.MOOD, mood("happy", 0.9, faces=2))
    answer = await ask(hass)
    assert said(mqtt_mock) == [Say()]
    assert (answer["emotion"], answer["confidence"], answer["faces"]) == ("happy", 0.9, 2)
    assert answer["scores"]["neutral"] == pytest.approx(0.1)
    json.dumps(answer)


@pytest.mark.usefixtures("device")
async def test_asked_before_the_first_face_the_answer_is_open(hass: HomeAssistant) -> None:
    """Not known is not nobody."""
    assert await ask(hass) == {"emotion": None}
    await send(hass, Topic.MOOD, mood("none"))
    answer = await ask(hass)
    assert (answer["emotion"], answer["positivity"]) == ("none", None)


async def test_a_device_without_a_voice_answers_but_is_not_made_to_speak(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """Asking is useful all the same; saying is not."""
    info = replace(INFO, features=())
    entry = config_entry(info)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass, info)
    await send(hass, Topic.MOOD, mood("sad"))
    assert (await ask(hass))["emotion"] == "sad"
    with pytest.raises(ServiceValidationError, match="cannot speak"):
        await say(hass, text="Hello")
    assert said(mqtt_mock) == []
