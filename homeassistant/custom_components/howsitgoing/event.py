"""The event entity: the face in front now looks different."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME

from ._contract import EMOTIONS, Topic, from_rfc3339
from .const import EVENT_MOOD_CHANGE
from .device import device_name
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 0  # everything comes by itself

MOOD_CHANGE = EventEntityDescription(key="mood_change", translation_key="mood_change", event_types=list(EMOTIONS))


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity of one device."""
    async_add_entities([MoodChanged(entry.runtime_data, MOOD_CHANGE)])


class MoodChanged(HowsItGoingEntity, EventEntity):
    """Fires once for each change that the device calls news; its time is when Home Assistant heard of it."""

    _topic = Topic.EVENT
    _unrecorded_attributes = frozenset({"changed_at", "confidence"})  # differ each time, which the recorder pays dearly for

    @override
    def _update(self) -> None:
        """Nothing: what was before this entity listened is no event."""

    @override
    def _handle_message(self) -> None:
        change = self.coordinator.change
        if TYPE_CHECKING:
            assert change is not None
        self._trigger_event(
            change.emotion,
            {
                "previous": change.previous,
                "confidence": change.confidence,
                # when the face changed, by the device's clock: earlier than this entity's own time
                "changed_at": from_rfc3339(change.changed_at).isoformat(),
            },
        )
        self.async_write_ha_state()
        self.hass.bus.async_fire(
            EVENT_MOOD_CHANGE,
            {
                ATTR_ENTITY_ID: self.entity_id,
                ATTR_NAME: self._device_name(),
                "previous": change.previous,
                "emotion": change.emotion,
            },
            context=self._context,
        )

    def _device_name(self) -> str:
        """As people call it here."""
        device = self.device_entry
        return (device and (device.name_by_user or device.name)) or device_name(self.coordinator.info)
