"""What helps when something is wrong: diagnostics, system health, the logbook."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Topic
from custom_components.howsitgoing.const import DOMAIN
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from support.home_assistant import HEALTH, INFO, JPEG, SETTINGS, change, come_online, config_entry, mood, send
from syrupy.filters import props

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.device_registry import DeviceRegistry
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        RecorderInstanceGenerator,
        WebSocketGenerator,
    )
    from syrupy.assertion import SnapshotAssertion


@pytest.fixture
def mock_recorder_before_hass(async_test_recorder: RecorderInstanceGenerator) -> None:
    """The recorder wants to be there first."""


@pytest.mark.freeze_time("2026-01-31T12:00:10Z")
async def test_diagnostics_hold_everything_but_names_addresses_and_pictures(
    hass: HomeAssistant, device: MockConfigEntry, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion
) -> None:
    """People paste them into public issues."""
    await send(hass, Topic.MOOD, mood("happy"))
    await send(hass, Topic.EVENT, change("happy"))
    await send(hass, Topic.SETTINGS, replace(SETTINGS, face_image=True))
    device.runtime_data._take_face(None, JPEG)
    complaint = "No pictures from rtsp://admin:hunter2@192.0.2.9/stream."
    await send(hass, Topic.HEALTH, replace(HEALTH, problems=(complaint,)))
    found = await get_diagnostics_for_config_entry(hass, hass_client, device)
    text = json.dumps(found)
    for secret in ("Anna", "hunter2", "192.0.2.7", "small picture"):
        assert secret not in text
    assert found == snapshot(exclude=props("id"))


async def test_diagnostics_of_a_device_that_was_never_heard_of(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """That is when they are asked for."""
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert (found["availability"], found["mood"], found["face"]) == (None, None, None)


@pytest.mark.usefixtures("device")
async def test_system_health_counts_devices(hass: HomeAssistant) -> None:
    """The first thing that a person is asked for."""
    config_entry(replace(INFO, device_id="hat-2")).add_to_hass(hass)
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    assert await get_system_health_info(hass, DOMAIN) == {"contract": 1, "devices": 2, "online": 1, "incompatible": 0}


@pytest.mark.usefixtures("recorder_mock", "mqtt_mock")
@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "looks happy"),
        ("de", "sieht fröhlich aus"),
        ("fr", "a l'air heureux"),
        ("es", "parece feliz"),
        ("nl", "kijkt blij"),
    ],
)
async def test_the_logbook_says_how_the_face_came_to_look(
    hass: HomeAssistant,
    device_registry: DeviceRegistry,
    hass_ws_client: WebSocketGenerator,
    language: str,
    line: str,
) -> None:
    """A sentence, in the language of the house, with the name that people gave the device."""
    assert await async_setup_component(hass, "logbook", {})
    hass.config.language = language
    began = dt_util.utcnow()
    entry = config_entry()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await come_online(hass)
    known = device_registry.async_get_device({(DOMAIN, "hat-1")})
    assert known is not None
    device_registry.async_update_device(known.id, name_by_user="The green hat")
    await send(hass, Topic.EVENT, change("happy"))
    await async_wait_recording_done(hass)
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "logbook/get_events", "start_time": began.isoformat()})
    lines = [entry for entry in (await client.receive_json())["result"] if entry.get("domain") == DOMAIN]
    assert [(entry["name"], entry["message"]) for entry in lines] == [("The green hat", line)]
    assert lines[0]["entity_id"] == hass.states.async_entity_ids("event")[0]
