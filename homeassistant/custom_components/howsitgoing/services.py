"""The actions ``howsitgoing.say`` and ``howsitgoing.ask``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import voluptuous as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr

from ._contract import MAX_SAY_CHARACTERS, ContractError, Say
from .commands import async_say
from .const import DOMAIN, FEATURE_SPEECH
from .device import device_name

if TYPE_CHECKING:
    from .coordinator import HowsItGoingConfigEntry, HowsItGoingCoordinator

ACTION_SAY: Final = "say"
ACTION_ASK: Final = "ask"
ATTR_TEXT: Final = "text"
ATTR_LANGUAGE: Final = "language"

ASK_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_DEVICE_ID): cv.string})
SAY_SCHEMA: Final = ASK_SCHEMA.extend({vol.Required(ATTR_TEXT): cv.string, vol.Optional(ATTR_LANGUAGE): cv.string})


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register both actions, once, for all devices."""

    async def async_handle_say(call: ServiceCall) -> None:
        coordinator = _find(hass, call)
        if FEATURE_SPEECH not in coordinator.info.features:
            raise _invalid("no_speech", device=device_name(coordinator.info))
        await async_say(coordinator, _checked(call.data[ATTR_TEXT].strip(), call.data.get(ATTR_LANGUAGE)))

    async def async_handle_ask(call: ServiceCall) -> ServiceResponse:
        coordinator = _find(hass, call)
        if FEATURE_SPEECH in coordinator.info.features:
            try:
                await async_say(coordinator, Say())
            except HomeAssistantError:
                if not call.return_response:  # who wants the answer gets it, spoken or not
                    raise
        mood = coordinator.mood
        if mood is None:
            return {"emotion": None}
        return {
            "emotion": mood.emotion,
            "confidence": mood.confidence,
            "scores": {**mood.scores},
            "positivity": mood.positivity if mood.scores else None,
            "faces": mood.faces,
            "since": mood.since,
        }

    hass.services.async_register(DOMAIN, ACTION_SAY, async_handle_say, SAY_SCHEMA)
    hass.services.async_register(DOMAIN, ACTION_ASK, async_handle_ask, ASK_SCHEMA, SupportsResponse.OPTIONAL)


def _checked(text: str, language: str | None) -> Say:
    if not 0 < len(text) <= MAX_SAY_CHARACTERS:
        raise _invalid("text_length", longest=str(MAX_SAY_CHARACTERS))
    try:
        return Say.from_dict({"text": text, "language": language})
    except ContractError as error:
        raise _invalid("say_invalid", reason=str(error)) from error


def _find(hass: HomeAssistant, call: ServiceCall) -> HowsItGoingCoordinator:
    """The device that is meant: the one named, else the only one.

    Raises:
        ServiceValidationError: no such device, or not clear which.
        HomeAssistantError: it is not there now.
    """
    entries: list[HowsItGoingConfigEntry] = [
        entry for entry in hass.config_entries.async_entries(DOMAIN) if entry.state is ConfigEntryState.LOADED
    ]
    if (named := call.data.get(ATTR_DEVICE_ID)) is not None:
        device = dr.async_get(hass).async_get(named)
        entries = [entry for entry in entries if device is not None and entry.entry_id in device.config_entries]
        if not entries:
            raise _invalid("no_such_device", device=named)
    if not entries:
        raise _invalid("no_device")
    if len(entries) > 1:
        raise _invalid("which_device", devices=", ".join(device_name(entry.runtime_data.info) for entry in entries))
    coordinator = entries[0].runtime_data
    if not coordinator.available:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_connected",
            translation_placeholders={"device": device_name(coordinator.info)},
        )
    return coordinator


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)
