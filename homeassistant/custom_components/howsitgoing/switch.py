"""Switches: what the device does at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory

from ._contract import Settings, Topic
from .commands import async_change
from .const import FEATURE_FACE_IMAGE, FEATURE_SPEECH
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 1  # one question at a time, each waits for its answer


@dataclass(frozen=True, kw_only=True)
class HowsItGoingSwitchDescription(SwitchEntityDescription):
    """A switch; its key is the setting's name."""

    value: Callable[[Settings], bool]
    feature: str | None = None
    """The device must have it"""


SWITCHES = (
    HowsItGoingSwitchDescription(
        key="recognition",
        translation_key="recognition",
        value=lambda settings: settings.recognition,
    ),
    HowsItGoingSwitchDescription(
        key="speech",
        translation_key="speech",
        feature=FEATURE_SPEECH,
        value=lambda settings: settings.speech,
    ),
    HowsItGoingSwitchDescription(
        key="face_image",
        translation_key="face_image",
        feature=FEATURE_FACE_IMAGE,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,  # nobody shares pictures by a stray click
        value=lambda settings: settings.face_image,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches that the device has."""
    coordinator = entry.runtime_data
    features = (None, *coordinator.info.features)
    async_add_entities(HowsItGoingSwitch(coordinator, row) for row in SWITCHES if row.feature in features)


class HowsItGoingSwitch(HowsItGoingEntity, SwitchEntity):
    """A setting that is on or off; shows what is in force on the device, not what was asked for."""

    _topic = Topic.SETTINGS
    entity_description: HowsItGoingSwitchDescription

    @override
    def _update(self) -> None:
        settings = self.coordinator.settings
        self._attr_is_on = None if settings is None else self.entity_description.value(settings)

    @override
    async def async_turn_on(self, **_: Any) -> None:
        """Done when the device says so."""
        await async_change(self.coordinator, self.entity_description.key, value=True)

    @override
    async def async_turn_off(self, **_: Any) -> None:
        """Done when the device says so."""
        await async_change(self.coordinator, self.entity_description.key, value=False)
