"""The last picture of the face in front: only of a device that shares it, and in memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from ._contract import Topic
from .const import DOMAIN, FEATURE_FACE_IMAGE
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry, HowsItGoingCoordinator

PARALLEL_UPDATES = 0  # everything comes by itself

FACE = ImageEntityDescription(key="face", translation_key="face", entity_registry_enabled_default=False)


async def async_setup_entry(
    hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the picture of a device that can share one; it stays disabled until the device does."""
    coordinator = entry.runtime_data
    if FEATURE_FACE_IMAGE not in coordinator.info.features:
        return
    face = LastFace(hass, coordinator)
    async_add_entities([face])

    @callback
    def settings_came() -> None:
        registry = er.async_get(hass)
        known_as = registry.async_get_entity_id(Platform.IMAGE, DOMAIN, str(face.unique_id))
        if known_as is None or coordinator.settings is None or not coordinator.settings.face_image:
            return
        if registry.entities[known_as].disabled_by is er.RegistryEntryDisabler.INTEGRATION:
            registry.async_update_entity(known_as, disabled_by=None)

    entry.async_on_unload(coordinator.async_listen(Topic.SETTINGS, settings_came))


class LastFace(HowsItGoingEntity, ImageEntity):
    """The last picture; gone when the device stops sharing."""

    _topic = Topic.FACE
    _attr_content_type = "image/jpeg"

    def __init__(self, hass: HomeAssistant, coordinator: HowsItGoingCoordinator) -> None:
        """No picture yet."""
        HowsItGoingEntity.__init__(self, coordinator, FACE)
        ImageEntity.__init__(self, hass)

    @override
    async def async_added_to_hass(self) -> None:
        """Pictures are fetched only while somebody wants them."""
        await super().async_added_to_hass()
        self.async_on_remove(await self.coordinator.async_subscribe(Topic.FACE))

    @override
    def _update(self) -> None:
        face = self.coordinator.face
        self._attr_image_last_updated = None if face is None else face.at

    @override
    async def async_image(self) -> bytes | None:
        """The JPEG as the device sent it."""
        face = self.coordinator.face
        return None if face is None else face.jpeg
