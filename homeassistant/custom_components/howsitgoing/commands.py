"""What Home Assistant tells a device, and what the device answers."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeassistant.components import mqtt
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ._contract import DELIVERY, Info, Refusal, Say, Topic, Update, topic
from .const import ANSWER_WITHIN, DOMAIN, INSTALLED_WITHIN, REFUSAL_WITHIN
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


async def async_update(coordinator: HowsItGoingCoordinator, model: str) -> None:
    """Have the device fetch the network ``model`` and use it; done when it does.

    Raises:
        HomeAssistantError: the device refused, did not answer, or could not use it; or the broker cannot be reached.
    """

    def begun() -> bool:
        return is_installing(coordinator.info) or over()

    def over() -> bool:
        return coordinator.info.model.id == model

    def ended() -> bool:
        return not is_installing(coordinator.info)

    with _answer(coordinator, Topic.UPDATE, begun, Topic.INFO) as answer:
        await _async_send(coordinator, Topic.UPDATE, Update(model).to_json())
        try:
            async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
                refusal = await answer
        except TimeoutError as error:
            raise _failure(coordinator, "no_answer") from error
    if refusal is not None:
        raise _failure(coordinator, "refused", reason=refusal.reason)
    with _answer(coordinator, Topic.UPDATE, ended, Topic.INFO) as end:
        if not ended():
            await asyncio.wait([end], timeout=INSTALLED_WITHIN.total_seconds())
    if not over():
        update = coordinator.info.model_update
        raise _failure(coordinator, "not_installed", model=model, reason=(update.note if update else "") or "?")


def is_installing(info: Info) -> bool:
    """The device fetches and tries a network just now."""
    return info.model_update is not None and info.model_update.state == "installing"


@contextmanager
def _answer(
    coordinator: HowsItGoingCoordinator,
    command: str,
    in_force: Callable[[], bool] = lambda: False,
    told_on: Topic = Topic.SETTINGS,
) -> Iterator[asyncio.Future[Refusal | None]]:
    """The answer to ``command``: a refusal, or None as soon as there is news ``told_on`` its topic and it is in force."""
    answer: asyncio.Future[Refusal | None] = coordinator.hass.loop.create_future()

    @callback
    def news_came() -> None:
        if not answer.done() and in_force():
            answer.set_result(None)

    @callback
    def refusal_came() -> None:
        refusal = coordinator.refusal
        if not answer.done() and refusal is not None and refusal.command == command:
            answer.set_result(refusal)

    ends = (
        coordinator.async_listen(told_on, news_came),
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
