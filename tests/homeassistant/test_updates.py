"""The update entity: what the device offers, what it does about it, and what it says when it does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from custom_components.howsitgoing import commands
from custom_components.howsitgoing._contract import Model, ModelUpdate, Topic
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON
from homeassistant.exceptions import HomeAssistantError
from support.home_assistant import INFO, deliver, refusal, send

if TYPE_CHECKING:
    from datetime import timedelta

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import MqttMockHAClient

MODEL = "update.anna_s_hat_expression_model"
OFFERED = replace(INFO, model_update=ModelUpdate("available", "Reads disgust better"))
INSTALLING = replace(INFO, model_update=ModelUpdate("installing", "Reads disgust better"))
INSTALLED = replace(
    INFO, model=Model("emotion-2", INFO.model.sha256), model_available=None, model_update=ModelUpdate("current")
)


def install(hass: HomeAssistant) -> asyncio.Task[Any]:
    """Somebody presses the button; it ends when the device has the network, or says why not."""
    return asyncio.create_task(hass.services.async_call("update", "install", {ATTR_ENTITY_ID: MODEL}, blocking=True))


async def published(mqtt_mock: MqttMockHAClient) -> None:
    """Wait until something has gone to the broker."""
    async with asyncio.timeout(2):
        while not mqtt_mock.async_publish.called:  # noqa: ASYNC110  the stand-in sets no event
            await asyncio.sleep(0)


@pytest.mark.usefixtures("device")
async def test_an_install_is_done_when_the_device_reads_by_the_new_network(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """The device's own words are shown before, its progress meanwhile."""
    await send(hass, Topic.INFO, OFFERED)
    state = hass.states.get(MODEL)
    assert (state.state, state.attributes["in_progress"]) == (STATE_ON, False)
    assert state.attributes["release_summary"] == "Reads disgust better"
    asked = install(hass)
    await published(mqtt_mock)
    mqtt_mock.async_publish.assert_called_once_with("howsitgoing/hat-1/update", '{"schema":1,"model":"emotion-2"}', 1, False)
    deliver(hass, Topic.INFO, INSTALLING)
    await asyncio.sleep(0)
    assert hass.states.get(MODEL).attributes["in_progress"] is True
    assert not asked.done()
    await send(hass, Topic.INFO, INSTALLED)
    await asked
    state = hass.states.get(MODEL)
    assert (state.state, state.attributes["installed_version"]) == (STATE_OFF, "emotion-2")
    assert state.attributes["in_progress"] is False


@pytest.mark.usefixtures("device")
async def test_a_network_that_does_not_do_is_told_with_the_device_s_reason(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """An automation must not go on as if it were in use."""
    await send(hass, Topic.INFO, OFFERED)
    asked = install(hass)
    await published(mqtt_mock)
    deliver(hass, Topic.INFO, INSTALLING)
    await asyncio.sleep(0)
    deliver(hass, Topic.INFO, replace(INFO, model_available=None, model_update=ModelUpdate("failed", "it is too slow here")))
    with pytest.raises(HomeAssistantError) as error:
        await asked
    assert error.value.translation_key == "not_installed"
    assert error.value.translation_placeholders == {
        "device": "Anna's hat",
        "model": "emotion-2",
        "reason": "it is too slow here",
    }
    await hass.async_block_till_done()
    assert hass.states.get(MODEL).state == STATE_OFF
    assert hass.states.get(MODEL).attributes["release_summary"] == "it is too slow here"


@pytest.mark.usefixtures("device")
async def test_a_refusal_is_told_at_once(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """Something else is offered by now, or it is fetching already."""
    asked = install(hass)
    await published(mqtt_mock)
    deliver(hass, Topic.ERROR, refusal("update", "emotion-2 is not offered; emotion-3 is"))
    with pytest.raises(HomeAssistantError) as error:
        await asked
    assert error.value.translation_key == "refused"
    assert "emotion-3" in error.value.translation_placeholders["reason"]


@pytest.mark.usefixtures("device", "mqtt_mock")
async def test_a_device_that_does_not_answer_is_named(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one does not know the command."""
    within: timedelta = commands.ANSWER_WITHIN / 100
    monkeypatch.setattr(commands, "ANSWER_WITHIN", within)
    with pytest.raises(HomeAssistantError) as error:
        await install(hass)
    assert error.value.translation_key == "no_answer"
