"""Selects: how the device speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory

from ._contract import SPEECH_MODES, Info, Settings, Topic
from .commands import async_change
from .const import FEATURE_SPEECH
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 1  # one question at a time, each waits for its answer


@dataclass(frozen=True, kw_only=True)
class HowsItGoingSelectDescription(SelectEntityDescription):
    """A select; its key is the setting's name."""

    value: Callable[[Settings], str]
    choice: Callable[[Info], tuple[str, ...]]
    entity_category: EntityCategory | None = EntityCategory.CONFIG


SELECTS = (
    HowsItGoingSelectDescription(
        key="speech_mode",
        translation_key="speech_mode",
        choice=lambda _: SPEECH_MODES,
        value=lambda settings: settings.speech_mode,
    ),
    HowsItGoingSelectDescription(
        key="language",
        translation_key="language",
        choice=lambda info: info.languages,
        value=lambda settings: settings.language,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of a device that speaks."""
    coordinator = entry.runtime_data
    if FEATURE_SPEECH in coordinator.info.features:
        async_add_entities(HowsItGoingSelect(coordinator, row) for row in SELECTS)


class HowsItGoingSelect(HowsItGoingEntity, SelectEntity):
    """A setting that is one of several words; shows what is in force on the device."""

    _topic = Topic.SETTINGS
    entity_description: HowsItGoingSelectDescription

    @override
    def _update(self) -> None:
        row, settings = self.entity_description, self.coordinator.settings
        self._attr_current_option = None if settings is None else row.value(settings)
        options = dict.fromkeys(row.choice(self.coordinator.info))
        if self._attr_current_option is not None:
            options[self._attr_current_option] = None  # the device may speak more than it lists
        self._attr_options = list(options)

    @override
    async def async_select_option(self, option: str) -> None:
        """Done when the device says so."""
        await async_change(self.coordinator, self.entity_description.key, option)
