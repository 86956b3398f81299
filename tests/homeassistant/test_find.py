"""Finding the devices that have announced themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing import find
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from support.home_assistant import INFO

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests know when all has been said."""
    monkeypatch.setattr(find, "QUIET_SECONDS", 0.05)


@pytest.mark.usefixtures("mqtt_mock")
async def test_every_device_is_found_and_garbage_is_not(hass: HomeAssistant) -> None:
    """A shared broker keeps all sorts of things."""
    search = asyncio.create_task(find.async_find_devices(hass))
    await asyncio.sleep(0)  # the search has subscribed
    for device in ("hat-1", "hat-2"):
        async_fire_mqtt_message(hass, f"howsitgoing/{device}/info", replace(INFO, device_id=device).to_json(), retain=True)
    async_fire_mqtt_message(hass, "howsitgoing/hat-3/info", "{broken", retain=True)
    async_fire_mqtt_message(hass, "howsitgoing/hat-4/info", INFO.to_json(), retain=True)
    assert sorted(await search) == ["hat-1", "hat-2"]


@pytest.mark.usefixtures("mqtt_mock")
async def test_an_empty_broker_ends_the_search_soon(hass: HomeAssistant) -> None:
    """Nobody waits for nothing."""
    async with asyncio.timeout(2):
        assert await find.async_find_devices(hass) == {}
