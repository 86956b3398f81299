"""What Home Assistant tells a device: change a setting and wait for its answer; speak."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from homeassistant.components import mqtt
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ._contract import DELIVERY, Refusal, Say, Topic, topic
from .const import ANSWER_WITHIN, DOMAIN
from .device import device_name

if TYPE_CHECKING:
    from .coordinator import HowsItGoingCoordinator


async def async_change(coordinator: HowsItGoingCoordinator, name: str, value: bool | int | str) -> None:  # noqa: FBT001  any setting
    """Change the setting ``name``; done when the device says that it is in force.

    Raises:
        HomeAssistantError: the device refused, did not answer, or the broker cannot be reached.
    """
    command = f"{Topic.SET}/{name}"
    answer: asyncio.Future[Refusal | None] = coordinator.hass.loop.create_future()

    @callback
    def settings_came() -> None:
        if not answer.done() and getattr(coordinator.settings, name, None) == value:
            answer.set_result(None)

    @callback
    def refusal_came() -> None:
        refusal = coordinator.refusal
        if not answer.done() and refusal is not None and refusal.command == command:
            answer.set_result(refusal)

    stop = (
        coordinator.async_listen(Topic.SETTINGS, settings_came),
        coordinator.async_listen(Topic.ERROR, refusal_came),
    )
    coordinator.awaited.add(command)
    try:
        await _async_send(coordinator, Topic.SET, json.dumps(value), name)
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            refusal = await answer
    except TimeoutError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="no_answer",
            translation_placeholders={"device": device_name(coordinator.info)},
        ) from error
    finally:
        coordinator.awaited.discard(command)
        for end in stop:
            end()
    if refusal is not None:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="refused",
            translation_placeholders={"device": device_name(coordinator.info), "reason": refusal.reason},
        )


async def async_say(coordinator: HowsItGoingCoordinator, what: Say) -> None:
    """Have the device speak now.

    Raises:
        HomeAssistantError: the broker cannot be reached.
    """
    await _async_send(coordinator, Topic.SAY, what.to_json())


async def _async_send(coordinator: HowsItGoingCoordinator, kind: Topic, payload: str, setting: str | None = None) -> None:
    delivery = DELIVERY[kind]
    name = topic(coordinator.device_id, kind, setting)
    await mqtt.async_publish(coordinator.hass, name, payload, delivery.qos, delivery.retain)
