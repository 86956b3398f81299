"""Binary sensors: somebody is in front, and something is wrong with the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory

from ._contract import NOBODY, Topic
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 0  # everything comes by itself

FACE_PRESENT = BinarySensorEntityDescription(
    key="face_present",
    translation_key="face_present",
    device_class=BinarySensorDeviceClass.OCCUPANCY,
)
PROBLEM = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of one device."""
    coordinator = entry.runtime_data
    async_add_entities([FacePresent(coordinator, FACE_PRESENT), Problem(coordinator, PROBLEM)])


class FacePresent(HowsItGoingEntity, BinarySensorEntity):
    """Somebody is in front; steadier than the number of faces, since a blink of the detector is not a leaving."""

    _topic = Topic.MOOD

    @override
    def _update(self) -> None:
        mood = self.coordinator.mood
        self._attr_is_on = None if mood is None else mood.emotion != NOBODY

    @override
    def _shown(self) -> object:
        return self.is_on


class Problem(HowsItGoingEntity, BinarySensorEntity):
    """The device has something to complain of, in its own words."""

    _topic = Topic.HEALTH
    _unrecorded_attributes = frozenset({"problems"})

    @override
    def _update(self) -> None:
        health = self.coordinator.health
        self._attr_is_on = None if health is None else bool(health.problems)
        self._attr_extra_state_attributes = {} if health is None else {"problems": list(health.problems)}

    @override
    def _shown(self) -> object:
        return self.is_on, self.extra_state_attributes
