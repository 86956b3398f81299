"""What Home Assistant tells a device, and what the device answers."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeassistant.components import mqtt
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ._contract import DELIVERY, Refusal, Say, Topic, topic
from .const import ANSWER_WITHIN, DOMAIN, REFUSAL_WITHIN
from .device import device_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .coordinator import HowsItGoingCoordinator


async def async_change(coordinator: HowsItGoingCoordinator, name: str, value: bool | int | str) -> None:  # noqa: FBT001  any setting
    """Change the setting ``name``; done when the device says that it is in force.

    Raises:
        HomeAssistantError: the device refused, did not answer, or the broker cannot be reached.
    """

    def in_force() -> bool:
        return getattr(coordinator.settings, name, None) == value

    with _answer(coordinator, f"{Topic.SET}/{name}", in_force) as answer:
        await _async_send(coordinator, Topic.SET, json.dumps(value), name)
        try:
            async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
                refusal = await answer
        except TimeoutError as error:
            raise _failure(coordinator, "no_answer") from error
    if refusal is not None:
        raise _failure(coordinator, "refused", reason=refusal.reason)


async def async_say(coordinator: HowsItGoingCoordinator, what: Say) -> None:
    """Have the device speak now. What it refuses it refuses at once; there is no other answer to wait for.

    Raises:
        HomeAssistantError: the device refused, or the broker cannot be reached.
    """
    with _answer(coordinator, Topic.SAY) as answer:
        await _async_send(coordinator, Topic.SAY, what.to_json())
        await asyncio.wait([answer], timeout=REFUSAL_WITHIN.total_seconds())
        refusal = answer.result() if answer.done() else None
    if refusal is not None:
        raise _failure(coordinator, "refused", reason=refusal.reason)


@contextmanager
def _answer(
    coordinator: HowsItGoingCoordinator, command: str, in_force: Callable[[], bool] = lambda: False
) -> Iterator[asyncio.Future[Refusal | None]]:
    """The answer to ``command``: a refusal, or None as soon as new settings have come and it is in force."""
    answer: asyncio.Future[Refusal | None] = coordinator.hass.loop.create_future()

    @callback
    def settings_came() -> None:
        if not answer.done() and in_force():
            answer.set_result(None)

    @callback
    def refusal_came() -> None:
        refusal = coordinator.refusal
        if not answer.done() and refusal is not None and refusal.command == command:
            answer.set_result(refusal)

    ends = (
        coordinator.async_listen(Topic.SETTINGS, settings_came),
        coordinator.async_listen(Topic.ERROR, refusal_came),
    )
    coordinator.awaited[command] += 1
    try:
        yield answer
    finally:
        coordinator.awaited[command] -= 1
        for end in ends:
            end()


async def _async_send(coordinator: HowsItGoingCoordinator, kind: Topic, payload: str, setting: str | None = None) -> None:
    delivery = DELIVERY[kind]
    name = topic(coordinator.device_id, kind, setting)
    await mqtt.async_publish(coordinator.hass, name, payload, delivery.qos, delivery.retain)


def _failure(coordinator: HowsItGoingCoordinator, key: str, **placeholders: str) -> HomeAssistantError:
    device = device_name(coordinator.info)
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders={"device": device, **placeholders}
    )
