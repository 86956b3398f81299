"""Another device takes the place of one that is set up: its entities, their names and their history stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import CONF_DEVICE_ID, DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import HowsItGoingConfigEntry


@callback
def async_replace(hass: HomeAssistant, entry: HowsItGoingConfigEntry, new_id: str) -> None:
    """Have both registries know the device of ``entry``, and its entities, by ``new_id``."""
    old_id: str = entry.data[CONF_DEVICE_ID]
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_device(identifiers={(DOMAIN, old_id)})
    if device is not None:
        devices.async_update_device(device.id, new_identifiers={(DOMAIN, new_id)}, serial_number=new_id)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        key = entity.unique_id.removeprefix(old_id)
        entities.async_update_entity(entity.entity_id, new_unique_id=f"{new_id}{key}")
