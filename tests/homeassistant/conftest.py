"""The component in a Home Assistant of the test's own, with the plug-in's stand-in for the broker's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import custom_components  # noqa: F401  ours, before the test plug-in's package of the same name is found
import homeassistant.components.mqtt.config_flow  # noqa: F401  its models cannot be built while time is frozen
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from support.home_assistant import come_online, config_entry

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import MqttMockHAClient
    from syrupy.assertion import SnapshotAssertion


@pytest.fixture(autouse=True)
def component(hass: HomeAssistant, enable_custom_integrations: None, tmp_path: Path) -> None:  # noqa: ARG001  wanted for what it does
    """Home Assistant finds our component, and has a configuration folder of its own."""
    hass.config.config_dir = str(tmp_path)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Written as Home Assistant writes them: without ids and times that differ from run to run."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """The MQTT integration's own timer outlives a test; that ours don't, test_init looks at."""
    return True


@pytest.fixture
def everything_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the entities that a person has to switch on first."""
    monkeypatch.setattr("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True)


@pytest.fixture
async def entry(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> MockConfigEntry:
    """A device that is set up, but has not been heard of."""
    entry = config_entry()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    mqtt_mock.reset_mock()
    return entry


@pytest.fixture
async def device(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """A device that is set up and online, and has not seen a face yet."""
    await come_online(hass)
    return entry
