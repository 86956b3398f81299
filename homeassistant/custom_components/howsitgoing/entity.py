"""What all entities of a device have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity

from ._contract import Topic
from .device import device_info

if TYPE_CHECKING:
    from homeassistant.helpers.entity import EntityDescription

    from .coordinator import HowsItGoingCoordinator


class HowsItGoingEntity(Entity):
    """Shows what came last on one topic; available while the device says that it is there, and by nothing else."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _topic: ClassVar[Topic]

    def __init__(self, coordinator: HowsItGoingCoordinator, description: EntityDescription) -> None:
        """The entity of the coordinator's device that ``description`` describes."""
        self.entity_description = description
        self.coordinator = coordinator
        self._attr_unique_id = f"{coordinator.device_id}_{description.key}"
        self._attr_device_info = device_info(coordinator.info)
        self._update()

    @property
    @override
    def available(self) -> bool:
        """See the topic ``availability``."""
        return self.coordinator.available

    @override
    async def async_added_to_hass(self) -> None:
        """Listen."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen(self._topic, self._handle_message))
        self.async_on_remove(self.coordinator.async_listen(Topic.AVAILABILITY, self.async_write_ha_state))

    @callback
    def _handle_message(self) -> None:
        before = self._shown()
        self._update()
        if self._shown() != before:  # most messages change few of the entities that hear them
            self.async_write_ha_state()

    def _shown(self) -> object:
        """What can be compared to tell whether there is something new to show; always something else where that is unknown."""
        return object()

    @abstractmethod
    def _update(self) -> None:
        """Take over what the coordinator knows."""
