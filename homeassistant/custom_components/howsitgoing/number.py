"""The volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.number import NumberEntity, NumberEntityDescription
from homeassistant.const import PERCENTAGE

from ._contract import Topic
from .commands import async_change
from .const import FEATURE_SPEECH
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 1  # one question at a time, each waits for its answer

VOLUME = NumberEntityDescription(
    key="volume",
    translation_key="volume",
    native_unit_of_measurement=PERCENTAGE,
    native_min_value=0,
    native_max_value=100,
    native_step=1,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the volume of a device that speaks."""
    coordinator = entry.runtime_data
    if FEATURE_SPEECH in coordinator.info.features:
        async_add_entities([Volume(coordinator, VOLUME)])


class Volume(HowsItGoingEntity, NumberEntity):
    """How loud the device speaks."""

    _topic = Topic.SETTINGS

    @override
    def _update(self) -> None:
        settings = self.coordinator.settings
        self._attr_native_value = None if settings is None else settings.volume

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Done when the device says so."""
        await async_change(self.coordinator, self.entity_description.key, round(value))
