"""Lines in the logbook: how the face in front came to look, in the language of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeassistant.components.logbook.const import LOGBOOK_ENTRY_ENTITY_ID, LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_MOOD_CHANGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import Event, HomeAssistant


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None]
) -> None:
    """Called by the logbook integration."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        emotion = event.data["emotion"]
        words = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
        return {
            LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME],
            LOGBOOK_ENTRY_MESSAGE: words.get(f"component.{DOMAIN}.common.looks_{emotion}", f"looks {emotion}"),
            LOGBOOK_ENTRY_ENTITY_ID: event.data[ATTR_ENTITY_ID],
        }

    async_describe_event(DOMAIN, EVENT_MOOD_CHANGE, describe)
