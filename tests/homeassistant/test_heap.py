"""With many devices, what stands after the set-up is spared garbage collection."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing import heap
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from support.home_assistant import INFO, config_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import MqttMockHAClient


@pytest.fixture(autouse=True)
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three devices are many; afterwards nothing is set aside."""
    monkeypatch.setattr(heap, "MANY", 3)
    gc.unfreeze()
    yield
    gc.unfreeze()


async def set_up(hass: HomeAssistant, number: int) -> MockConfigEntry:
    """One more device."""
    entry = config_entry(replace(INFO, device_id=f"hat-{number}"))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def come_to_rest(hass: HomeAssistant) -> None:
    """Nothing is set up for a while."""
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * heap.AT_REST)
    await hass.async_block_till_done()


@pytest.mark.usefixtures("mqtt_mock")
async def test_few_devices_change_nothing(hass: HomeAssistant) -> None:
    """Other people's houses are left alone."""
    for number in range(2):
        await set_up(hass, number)
    await come_to_rest(hass)
    assert gc.get_freeze_count() == 0


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that it was done."""
    times: list[None] = []
    freeze = gc.freeze
    monkeypatch.setattr(gc, "freeze", lambda: times.append(freeze()))
    return times


@pytest.mark.usefixtures("mqtt_mock")
async def test_many_devices_are_set_aside_once_their_set_up_has_come_to_rest(hass: HomeAssistant, times: list[None]) -> None:
    """Once for all of them, and not while they come: it takes as long as a collection."""
    entries = [await set_up(hass, number) for number in range(4)]
    assert not times
    await come_to_rest(hass)
    assert len(times) == 1
    walked = {id(one) for one in gc.get_objects()}
    assert not walked & {id(entry.runtime_data) for entry in entries}


@pytest.mark.usefixtures("mqtt_mock")
async def test_the_last_to_be_ready_counts_not_the_last_to_begin(hass: HomeAssistant, times: list[None]) -> None:
    """When Home Assistant starts, all are set up side by side."""
    entries = [await set_up(hass, number) for number in range(3)]
    await come_to_rest(hass)
    heap.async_spare(entries[0].runtime_data)
    await come_to_rest(hass)
    assert len(times) == 2


async def test_what_was_set_aside_is_freed_once_it_is_garbage(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> None:
    """A device that is set up anew, again and again, must not fill the memory."""
    entries = [await set_up(hass, number) for number in range(3)]
    await come_to_rest(hass)
    before = weakref.ref(entries[0].runtime_data)
    assert await hass.config_entries.async_reload(entries[0].entry_id)
    mqtt_mock.reset_mock()  # it remembers who subscribed
    await come_to_rest(hass)
    assert before() is None
