"""Spares Home Assistant the standstill that many devices would otherwise bring with each full garbage collection.

A collection walks over all objects there are, and everything waits meanwhile: 0.5 s with 200 devices, every few seconds while
the recorder works hard. What stands after the set-up stays for as long as the device does, so it need not be walked over.
See docs/adr/0018.
"""

from __future__ import annotations

import gc
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from datetime import datetime

    from .coordinator import HowsItGoingCoordinator

MANY: Final = 50
"""Devices from which on it is done; the houses of most people are left alone."""
AT_REST: Final = timedelta(seconds=5)
"""Nothing has been set up for so long."""


@callback
def async_spare(coordinator: HowsItGoingCoordinator) -> None:
    """Look once the set-up that this device belongs to has come to rest."""
    hass, entry = coordinator.hass, coordinator.entry
    coordinator.set_up_at = dt_util.utcnow()  # many are set up at the same time: the last to end is not the last to begin

    @callback
    def at_rest(_now: datetime) -> None:
        loaded = hass.config_entries.async_loaded_entries(DOMAIN)
        last = max((one.runtime_data for one in loaded), key=lambda one: one.set_up_at, default=None)
        if len(loaded) >= MANY and last is coordinator:  # whoever was set up later looks later
            _set_aside()
            LOGGER.debug("%d devices: %d objects are spared garbage collection", len(loaded), gc.get_freeze_count())

    entry.async_on_unload(async_call_later(hass, AT_REST, at_rest))


def _set_aside() -> None:
    """Set aside what is there now; what was set aside before and is garbage by now goes first, so none piles up."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
