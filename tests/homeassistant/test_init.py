"""Setting up, unloading, removing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Topic
from custom_components.howsitgoing.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.setup import async_setup_component
from homeassistant.util.async_ import get_scheduled_timer_handles
from support.home_assistant import DEVICE, INFO, come_online, config_entry, mood, send

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.device_registry import DeviceRegistry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from syrupy.assertion import SnapshotAssertion

MOOD = "sensor.anna_s_hat_mood"


async def test_without_mqtt_the_set_up_is_tried_again(hass: HomeAssistant) -> None:
    """MQTT may be set up after us, or its broker come back later: nobody has to press anything then."""
    entry = config_entry()
    entry.add_to_hass(hass)
    await async_setup_component(hass, DOMAIN, {})
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "no_mqtt"


async def test_a_device_shows_itself_in_the_registry(
    device: MockConfigEntry, device_registry: DeviceRegistry, snapshot: SnapshotAssertion
) -> None:
    """Name, version and model are what a person reads out when asking for help."""
    assert device.state is ConfigEntryState.LOADED
    assert device_registry.async_get_device({(DOMAIN, DEVICE)}) == snapshot


@pytest.mark.usefixtures("device")
async def test_what_a_device_says_of_itself_later_is_taken_over(hass: HomeAssistant, device_registry: DeviceRegistry) -> None:
    """After an update of the device nobody should have to set it up again."""
    await send(hass, Topic.INFO, replace(INFO, name="Ben's hat", sw_version="0.2.0", configuration_url="not an address"))
    found = device_registry.async_get_device({(DOMAIN, DEVICE)})
    assert found is not None
    assert (found.name, found.sw_version, found.configuration_url) == ("Ben's hat", "0.2.0", None)


async def test_what_a_device_said_of_itself_is_known_after_a_restart(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """Home Assistant may start while the device is off and the broker has forgotten it."""
    await send(hass, Topic.INFO, replace(INFO, name="Ben's hat"))
    assert await hass.config_entries.async_reload(device.entry_id)
    assert device.runtime_data.info.name == "Ben's hat"


@pytest.mark.usefixtures("mqtt_mock")
async def test_a_device_that_learns_to_speak_gets_its_switch_without_a_restart(hass: HomeAssistant) -> None:
    """Features decide which entities there are; a speaker may be bought later."""
    silent = replace(INFO, features=())
    entry = config_entry(silent)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass, silent)
    assert hass.states.get("switch.anna_s_hat_speech") is None
    assert hass.states.get("number.anna_s_hat_volume") is None
    await send(hass, Topic.INFO, INFO)
    await come_online(hass)
    assert hass.states.get("switch.anna_s_hat_speech").state == "on"
    assert hass.states.get("number.anna_s_hat_volume").state == "80"


async def test_unloading_leaves_nothing_running(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """No timer and no subscription of ours outlives the entry."""
    assert await hass.config_entries.async_unload(device.entry_id)
    assert device.state is ConfigEntryState.NOT_LOADED
    assert hass.states.get(MOOD).state == STATE_UNAVAILABLE
    assert not [
        timer for timer in get_scheduled_timer_handles(hass.loop) if "howsitgoing" in repr(timer) and not timer.cancelled()
    ]
    await send(hass, Topic.AVAILABILITY, "online")
    await send(hass, Topic.MOOD, mood("happy"))
    assert hass.states.get(MOOD).state == STATE_UNAVAILABLE


async def test_removing_a_device_leaves_no_entity_behind(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """Removal is complete."""
    assert await hass.config_entries.async_remove(device.entry_id)
    await hass.async_block_till_done()
    assert not [state for state in hass.states.async_all() if "anna" in state.entity_id]


@pytest.mark.usefixtures("device")
async def test_two_devices_live_side_by_side(hass: HomeAssistant) -> None:
    """A household may have two; what one shows is not the other's."""
    other = config_entry(replace(INFO, device_id="hat-2", name="Ben"))
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await come_online(hass, replace(INFO, device_id="hat-2", name="Ben"))
    await send(hass, Topic.MOOD, mood("happy"), "hat-2")
    await send(hass, Topic.MOOD, mood("sad"))
    assert hass.states.get("sensor.ben_mood").state == "happy"
    assert hass.states.get(MOOD).state == "sad"
    await send(hass, Topic.AVAILABILITY, "offline", "hat-2")
    assert hass.states.get("sensor.ben_mood").state == STATE_UNAVAILABLE
    assert hass.states.get(MOOD).state == "sad"
