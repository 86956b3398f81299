"""What a device says of itself, as Home Assistant's registries want it."""

from __future__ import annotations

import json
from typing import Any

from homeassistant.helpers.device_registry import DeviceInfo
from yarl import URL

from ._contract import Info
from .const import DOMAIN, FEATURE_MODEL_UPDATE

_NAME_CHARACTERS = 60


def device_info(info: Info) -> DeviceInfo:
    """The device registry's view."""
    return DeviceInfo(
        identifiers={(DOMAIN, info.device_id)},
        name=device_name(info),
        manufacturer="How's it going?",
        model="Expression reader",
        model_id=info.model.id,
        serial_number=info.device_id,
        sw_version=info.sw_version,
        configuration_url=_web_address(info.configuration_url),
    )


def device_name(info: Info) -> str:
    """Name for people: the device's own, else its id."""
    return info.name.strip()[:_NAME_CHARACTERS] or info.device_id


def shape(info: Info) -> tuple[object, ...]:
    """What decides which entities there are, and what they offer."""
    return frozenset(info.features), info.languages, reports_models(info)


def reports_models(info: Info) -> bool:
    """The device looks for newer models."""
    return FEATURE_MODEL_UPDATE in info.features or info.model_available is not None


def installs_models(info: Info) -> bool:
    """The device fetches newer models when it is told to."""
    return FEATURE_MODEL_UPDATE in info.features


def as_stored(info: Info) -> dict[str, Any]:
    """For the config entry."""
    stored: dict[str, Any] = json.loads(info.to_json())
    return stored


def _web_address(text: str | None) -> str | None:
    """None where the device registry would refuse it."""
    try:
        url = URL(text or "")
    except ValueError:
        return None
    return text if url.scheme in ("http", "https") and url.host else None
