"""Repairs come, and go by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from custom_components.howsitgoing._contract import Topic, to_rfc3339
from custom_components.howsitgoing.const import DOMAIN
from custom_components.howsitgoing.issues import GONE_AFTER, MUTE_AFTER
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from support.home_assistant import HEALTH, INFO, NOON, mood, send

if TYPE_CHECKING:
    from custom_components.howsitgoing._contract import Health
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = pytest.mark.freeze_time("2026-01-31T12:00:00Z")


def issues(hass: HomeAssistant) -> set[str]:
    """The issues that are open."""
    return {issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN}


async def later(hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta) -> None:
    """Time passes, and whatever looks at the clock looks."""
    freezer.tick(time)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    ("broken", "issue"),
    [
        pytest.param(replace(HEALTH, camera="lost"), "camera_lost_hat-1", id="camera-lost"),
        pytest.param(replace(HEALTH, camera="frozen"), "camera_lost_hat-1", id="camera-frozen"),
        pytest.param(replace(HEALTH, speaker="lost"), "speaker_lost_hat-1", id="speaker-lost"),
        pytest.param(replace(HEALTH, disk_free_mb=20), "disk_full_hat-1", id="disk-full"),
    ],
)
async def test_what_is_broken_is_told_until_it_is_mended(hass: HomeAssistant, broken: Health, issue: str) -> None:
    """A person has something to do, and sees when it is done."""
    assert issues(hass) == set()
    await send(hass, Topic.HEALTH, broken)
    await send(hass, Topic.HEALTH, broken)
    assert issues(hass) == {issue}
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue)
    assert found is not None
    assert found.translation_placeholders == {"device": "Anna's hat", "device_id": "hat-1"}
    await send(hass, Topic.HEALTH, HEALTH)
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_switched_off_is_not_broken(hass: HomeAssistant) -> None:
    """A camera that a person closed, a speaker that sleeps, a disk of unknown size."""
    await send(hass, Topic.HEALTH, replace(HEALTH, camera="off", speaker="asleep", disk_free_mb=None))
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_of_a_device_that_is_away_the_last_complaint_is_old(hass: HomeAssistant) -> None:
    """It may be mended in the meantime."""
    await send(hass, Topic.HEALTH, replace(HEALTH, camera="lost"))
    await send(hass, Topic.AVAILABILITY, "stopped")
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_a_device_that_claims_to_be_there_but_is_mute_is_noticed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Its last will may never come: the broker itself was gone."""
    await later(hass, freezer, MUTE_AFTER - timedelta(minutes=1))
    assert issues(hass) == set()
    await later(hass, freezer, timedelta(minutes=2))
    assert issues(hass) == {"device_silent_hat-1"}
    await send(hass, Topic.MOOD, mood("happy"))
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_a_device_that_speaks_of_its_health_once_an_hour_is_not_silent(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """How often is a setting of the device, so it is learned."""
    await later(hass, freezer, timedelta(hours=1))
    await send(hass, Topic.HEALTH, HEALTH)
    await later(hass, freezer, timedelta(hours=2))
    assert issues(hass) == set()
    await later(hass, freezer, timedelta(hours=1, minutes=2))
    assert issues(hass) == {"device_silent_hat-1"}


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(("word", "missed"), [("offline", True), ("stopped", False)])
async def test_a_device_that_vanished_is_missed_after_a_day_and_one_that_was_stopped_is_not(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    word: str,
    missed: bool,  # noqa: FBT001
) -> None:
    """It is worn, and out of the house for hours; a whole day is something to look at."""
    await send(hass, Topic.AVAILABILITY, word)
    await later(hass, freezer, GONE_AFTER - timedelta(minutes=1))
    assert issues(hass) == set()
    await later(hass, freezer, timedelta(minutes=2))
    assert issues(hass) == ({"device_silent_hat-1"} if missed else set())
    await send(hass, Topic.AVAILABILITY, "online")
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_a_later_version_of_the_contract_asks_for_an_update(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A device was updated before Home Assistant was."""
    await send(hass, Topic.MOOD, mood("happy").to_json().replace('"schema":1', '"schema":2'))
    assert issues(hass) == {"incompatible_hat-1"}
    await send(hass, Topic.MOOD, mood("happy"))
    assert issues(hass) == set()
    await send(hass, Topic.EVENT, '{"schema": 2}')
    await later(hass, freezer, timedelta(minutes=1))
    assert issues(hass) == {"incompatible_hat-1"}


@pytest.mark.usefixtures("device")
async def test_two_devices_under_one_id_are_noticed_by_their_starts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """They talk in turns, each with a start of its own; what they say would be mixed up for ever."""
    for minute in range(3):
        now = NOON + 60 * minute
        await send(hass, Topic.HEALTH, replace(HEALTH, at=to_rfc3339(now), uptime_s=90_000 + 60 * minute))
        await send(hass, Topic.HEALTH, replace(HEALTH, at=to_rfc3339(now), uptime_s=500 + 60 * minute))
    assert issues(hass) == {"same_id_hat-1"}
    await later(hass, freezer, timedelta(minutes=11))
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_restarts_and_a_clock_that_is_set_are_no_second_device(hass: HomeAssistant) -> None:
    """A Pi has no clock of its own: it may be years off until the network is there."""
    for at, uptime in ((NOON, 60), (NOON + 60, 120), (NOON + 70, 1), (NOON + 3600, 20), (NOON + 3700, 3), (NOON - 900, 13)):
        await send(hass, Topic.HEALTH, replace(HEALTH, at=to_rfc3339(at), uptime_s=uptime))
    assert issues(hass) == set()


async def test_no_issue_outlives_the_device(hass: HomeAssistant, device: MockConfigEntry) -> None:
    """Removed is removed."""
    await send(hass, Topic.HEALTH, replace(HEALTH, camera="lost", speaker="lost"))
    assert len(issues(hass)) == 2
    assert await hass.config_entries.async_unload(device.entry_id)
    assert issues(hass) == set()


@pytest.mark.usefixtures("device")
async def test_an_issue_names_the_device_as_it_is_called_now(hass: HomeAssistant) -> None:
    """People know their device by its name."""
    await send(hass, Topic.INFO, replace(INFO, name="Ben's hat"))
    await send(hass, Topic.HEALTH, replace(HEALTH, camera="lost"))
    found = ir.async_get(hass).async_get_issue(DOMAIN, "camera_lost_hat-1")
    assert found is not None
    assert found.translation_placeholders["device"] == "Ben's hat"
