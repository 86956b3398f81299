"""Repairs: what a person should see to. Each is a row with one question; it goes when the answer is no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ._contract import Availability, Health, Topic
from .clash import ClashDetector
from .const import DOMAIN
from .device import device_name

if TYPE_CHECKING:
    from .coordinator import HowsItGoingCoordinator

LOOK_EVERY: Final = timedelta(minutes=1)
MUTE_AFTER: Final = timedelta(minutes=15)
"""A device that says it is there, but nothing else; health comes every 10 s unless set otherwise."""
GONE_AFTER: Final = timedelta(hours=24)
"""A device that vanished without a word; one that was stopped is not missed."""
DISK_FULL_MB: Final = 100


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the questions are asked about."""

    now: datetime
    availability: Availability | None
    since: datetime
    """of this availability"""
    last_heard: datetime
    health_every: timedelta
    """How often the device has spoken of its health lately"""
    health: Health | None
    """None: not known, or the device is not there"""
    incompatible: bool
    clash: bool


@dataclass(frozen=True, kw_only=True)
class IssueDescription:
    """A row: the key of its translations, and the question."""

    key: str
    holds: Callable[[Situation], bool]
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING


def _is_silent(s: Situation) -> bool:
    if s.availability is Availability.ONLINE:
        return s.now - s.last_heard > max(MUTE_AFTER, 3 * s.health_every)
    return s.availability is not Availability.STOPPED and s.now - s.since > GONE_AFTER


ISSUES: Final = (
    IssueDescription(key="device_silent", holds=_is_silent),
    IssueDescription(key="incompatible", holds=lambda s: s.incompatible, severity=ir.IssueSeverity.ERROR),
    IssueDescription(key="same_id", holds=lambda s: s.clash, severity=ir.IssueSeverity.ERROR),
    IssueDescription(key="camera_lost", holds=lambda s: s.health is not None and s.health.camera in ("lost", "frozen")),
    IssueDescription(key="speaker_lost", holds=lambda s: s.health is not None and s.health.speaker == "lost"),
    IssueDescription(
        key="disk_full",
        holds=lambda s: s.health is not None and s.health.disk_free_mb is not None and s.health.disk_free_mb < DISK_FULL_MB,
    ),
)


@callback
def async_watch(coordinator: HowsItGoingCoordinator) -> None:
    """Raise and clear the issues of one device until its config entry is unloaded."""
    watch = _Watch(coordinator)
    heard_on = (Topic.AVAILABILITY, Topic.INFO, Topic.MOOD, Topic.SETTINGS)
    ends = [coordinator.async_listen(kind, watch.async_look) for kind in heard_on]
    ends.append(coordinator.async_listen(Topic.HEALTH, watch.async_health_came))
    ends.append(async_track_time_interval(coordinator.hass, watch.async_look, LOOK_EVERY))
    for end in (*ends, watch.async_clear):
        coordinator.entry.async_on_unload(end)


class _Watch:
    """The issues of one device that are open just now."""

    def __init__(self, coordinator: HowsItGoingCoordinator) -> None:
        self._coordinator = coordinator
        self._clash = ClashDetector()
        self._health_at: datetime | None = None
        self._health_every = timedelta()
        self._open: set[str] = set()

    @callback
    def async_health_came(self) -> None:
        """A health message, or one that cannot be read any more."""
        health, now = self._coordinator.health, dt_util.utcnow()
        if health is not None:
            self._clash.hear(health, now)
            if self._health_at is not None:
                self._health_every = now - self._health_at
            self._health_at = now
        self.async_look()

    @callback
    def async_look(self, _now: datetime | None = None) -> None:
        """Ask all questions anew."""
        situation = self._situation(dt_util.utcnow())
        for row in ISSUES:
            if row.holds(situation) == (row.key in self._open):
                continue
            if row.key in self._open:
                self._close(row.key)
            else:
                self._raise(row)

    @callback
    def async_clear(self) -> None:
        """No issue outlives the config entry."""
        for key in tuple(self._open):
            self._close(key)

    def _situation(self, now: datetime) -> Situation:
        device = self._coordinator
        return Situation(
            now=now,
            availability=device.availability,
            since=device.availability_since,
            last_heard=device.last_heard,
            health_every=self._health_every,
            health=device.health if device.available else None,
            incompatible=bool(device.incompatible),
            clash=self._clash.clashes(now),
        )

    def _raise(self, row: IssueDescription) -> None:
        self._open.add(row.key)
        ir.async_create_issue(
            self._coordinator.hass,
            DOMAIN,
            f"{row.key}_{self._coordinator.device_id}",
            is_fixable=False,
            severity=row.severity,
            translation_key=row.key,
            translation_placeholders={"device": device_name(self._coordinator.info), "device_id": self._coordinator.device_id},
        )

    def _close(self, key: str) -> None:
        self._open.discard(key)
        ir.async_delete_issue(self._coordinator.hass, DOMAIN, f"{key}_{self._coordinator.device_id}")
