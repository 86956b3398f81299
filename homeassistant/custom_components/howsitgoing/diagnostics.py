"""What a person may send along with a question: everything known of a device, without names, addresses and pictures."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data

from ._contract import SCHEMA, Health, Info, Mood, MoodChange, Settings
from .const import CONF_INFO

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import HowsItGoingConfigEntry

_TO_REDACT: Final = {"name", "title", "configuration_url"}
_CREDENTIALS: Final = re.compile(r"//[^/\s@]+@")
"""As in an address of a network camera; the device masks them, but an older one may not"""


async def async_get_config_entry_diagnostics(_hass: HomeAssistant, entry: HowsItGoingConfigEntry) -> dict[str, Any]:
    """The entry's data and the last message on each topic."""
    device = entry.runtime_data
    stored = {key: value for key, value in entry.data.items() if key != CONF_INFO}
    return {
        "contract": SCHEMA,
        "entry": async_redact_data({"title": entry.title, **stored}, _TO_REDACT),
        "availability": device.availability,
        "availability_since": device.availability_since.isoformat(),
        "last_heard": device.last_heard.isoformat(),
        "incompatible": sorted(device.incompatible),
        "info": async_redact_data(_plain(device.info), _TO_REDACT),
        "mood": _plain(device.mood),
        "event": _plain(device.change),
        "settings": _plain(device.settings),
        "health": _plain(device.health),
        "face": None if device.face is None else REDACTED,
    }


def _plain(message: Info | Mood | MoodChange | Settings | Health | None) -> Any:  # noqa: ANN401  any JSON value
    return None if message is None else json.loads(_CREDENTIALS.sub(f"//{REDACTED}@", message.to_json()))
