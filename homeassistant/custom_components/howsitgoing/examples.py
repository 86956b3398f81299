"""Puts the component's blueprints where Home Assistant looks for them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_OURS = Path(__file__).parent / "blueprints"


async def async_offer_blueprints(hass: HomeAssistant) -> None:
    """Copy them once, as Home Assistant does with its own: a folder that is there already is left to the person."""
    target = Path(hass.config.path("blueprints", "automation", DOMAIN))
    try:
        await hass.async_add_executor_job(_copy, target)
    except OSError as error:
        LOGGER.warning("The blueprints could not be copied to %s: %s", target, error)


def _copy(target: Path) -> None:
    if not target.exists():
        shutil.copytree(_OURS / "automation", target)
