"""How's it going? for Home Assistant: how the face in front of a device looks, and what the device may be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.components import mqtt
from homeassistant.const import Platform
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv

from .const import DOMAIN
from .coordinator import HowsItGoingCoordinator
from .examples import async_offer_blueprints
from .heap import async_spare
from .issues import async_watch
from .services import async_register_actions

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

    from .coordinator import HowsItGoingConfigEntry

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.UPDATE,
)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions: an automation that uses them is valid even while no device is set up."""
    async_register_actions(hass)
    await async_offer_blueprints(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HowsItGoingConfigEntry) -> bool:
    """Set up one device: entities first, then the topics, so that none misses a message."""
    if not await mqtt.async_wait_for_mqtt_client(hass):
        raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="no_mqtt")
    coordinator = entry.runtime_data = HowsItGoingCoordinator(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_watch(coordinator)
    await coordinator.async_start()
    async_spare(coordinator)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HowsItGoingConfigEntry) -> bool:
    """End one device; the coordinator's subscriptions and the issues end with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
