"""Which devices have announced themselves at the broker."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback

from ._contract import DELIVERY, PREFIX, ContractError, Info, Topic
from .reading import read_info

if TYPE_CHECKING:
    from homeassistant.components.mqtt import ReceiveMessage

LISTEN_SECONDS: Final = 3.0
QUIET_SECONDS: Final = 1.0
"""Announcements are kept by the broker and come at once: when none has come for so long, that was all."""


async def async_find_devices(hass: HomeAssistant) -> dict[str, Info]:
    """All devices whose announcement the broker keeps, by id. Takes 1 to 3 seconds."""
    found: dict[str, Info] = {}
    came = asyncio.Event()

    @callback
    def received(message: ReceiveMessage) -> None:
        with suppress(ContractError):  # discovery has said so already
            info = read_info(message.topic, message.payload)
            found[info.device_id] = info
            came.set()

    stop = await mqtt.async_subscribe(hass, f"{PREFIX}/+/{Topic.INFO}", received, DELIVERY[Topic.INFO].qos, encoding=None)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_SECONDS):
                while True:
                    async with asyncio.timeout(QUIET_SECONDS):
                        await came.wait()
                    came.clear()
    finally:
        stop()
    return found
