"""The update entity of a device that looks for newer models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.update import UpdateEntity, UpdateEntityDescription, UpdateEntityFeature
from homeassistant.const import EntityCategory

from ._contract import Topic
from .commands import async_update, is_installing
from .device import installs_models, reports_models
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 0  # everything comes by itself

MODEL = UpdateEntityDescription(key="model", translation_key="model", entity_category=EntityCategory.DIAGNOSTIC)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the model of a device that reports newer ones."""
    coordinator = entry.runtime_data
    if reports_models(coordinator.info):
        async_add_entities([Model(coordinator, MODEL)])


class Model(HowsItGoingEntity, UpdateEntity):
    """The network that reads faces. The device fetches it, verifies who has signed it, and goes back if it does worse."""

    _topic = Topic.INFO

    @property
    @override
    def entity_picture(self) -> None:
        """None of the brand's server: the icon is here, and nobody need know who asks."""

    @override
    def _update(self) -> None:
        info = self.coordinator.info
        self._attr_installed_version = info.model.id
        self._attr_latest_version = info.model_available or info.model.id
        self._attr_release_summary = (info.model_update.note or None) if info.model_update else None
        self._attr_in_progress = is_installing(info)
        wanted = UpdateEntityFeature.INSTALL | UpdateEntityFeature.PROGRESS
        self._attr_supported_features = wanted if installs_models(info) else UpdateEntityFeature(0)

    @override
    async def async_install(self, version: str | None, backup: bool, **kwargs: Any) -> None:
        """Have the device use the newest network; done when it does."""
        await async_update(self.coordinator, self.coordinator.info.model_available or self.coordinator.info.model.id)

    @override
    def version_is_newer(self, latest_version: str, installed_version: str) -> bool:
        """Ids are names, not numbers: another one than ours is the newer one."""
        return latest_version != installed_version
