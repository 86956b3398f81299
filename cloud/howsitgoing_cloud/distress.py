"""When the carer is told at once: distress that lasts, on request each change; no more than Blynk lets through a day. Pure.

A rule of `howsitgoing_cloud.ports`: what it must remember is handed in and given back, as plain JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from howsitgoing_cloud._contract import Sample, from_rfc3339
from howsitgoing_cloud.ports import Alert, Verdict
from howsitgoing_cloud.settings import CloudSettings
from howsitgoing_cloud.words import WORDS

DISTRESSED: Final = frozenset({"angry", "fear", "sad"})
EVENTS_A_DAY: Final = 100
KEPT_FOR_DISTRESS: Final = 30
"""So many of them are never spent on changes"""
GRACE_S: Final = 20.0
"""Another expression, or none, for so long does not end distress: people blink, turn away, and smile bravely"""
STALE_S: Final = 900.0
"""A device that was offline delivers late; what is older than this is no reason to wake anybody"""
_DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Memory:
    """Unix seconds, of the device's clock but for ``told`` and ``told_distress``."""

    looks: str = ""
    """The expression of the distress"""
    since: float | None = None
    left: float | None = None
    """When another expression came; None: it lasts"""
    told_distress: float | None = None
    told: tuple[float, ...] = field(default=())
    """All events of the last 24 hours"""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Memory:
        """Of the document; what an older version wrote and this one does not know is left out."""
        known = {f.name for f in fields(cls)}
        found = {name: value for name, value in content.items() if name in known}
        return cls(**{**found, "told": tuple(found.get("told", ()))})

    def to_dict(self) -> dict[str, Any]:
        """For the document."""
        return {**vars(self), "told": list(self.told)}


@dataclass(frozen=True)
class DistressRule:
    """Implements `howsitgoing_cloud.ports.Rule`."""

    after_s: float = 300.0
    """Distress of so long is worth an alert"""
    pause_s: float = 1800.0
    """Until the next such alert"""
    distress: bool = True
    changes: bool = False
    """Tell of each change, too"""

    @classmethod
    def of(cls, settings: CloudSettings) -> DistressRule:
        """As configured."""
        return cls(
            after_s=settings.distress_minutes * 60,
            pause_s=settings.distress_pause_minutes * 60,
            distress=settings.blynk_events != "none",
            changes=settings.blynk_events == "all",
        )

    def __call__(self, memory: Mapping[str, Any], sample: Sample, now: datetime) -> Verdict:
        """What follows from one more reading."""
        at, clock = from_rfc3339(sample.noticed_at).timestamp(), now.timestamp()
        before = Memory.from_dict(memory)
        before = replace(before, told=tuple(told for told in before.told if clock - told < _DAY_S))
        lasted, after = _follow(before, sample, at)
        if clock - at > STALE_S:
            return Verdict(after.to_dict())
        alerts: list[Alert] = []
        if lasted is not None and self._is_worth_telling(before, lasted, clock) and len(after.told) < EVENTS_A_DAY:
            alerts.append(Alert("distress", f"{WORDS[after.looks or before.looks]} ({round(lasted / 60)} min)"))
            after = replace(after, told_distress=clock, told=(*after.told, clock))
        is_change = self.changes and sample.reason == "change"
        if is_change and len(after.told) < EVENTS_A_DAY - KEPT_FOR_DISTRESS:
            alerts.append(Alert("mood_change", WORDS[sample.emotion]))
            after = replace(after, told=(*after.told, clock))
        return Verdict(after.to_dict(), tuple(alerts))

    def _is_worth_telling(self, before: Memory, lasted: float, clock: float) -> bool:
        paused = before.told_distress is not None and clock - before.told_distress < self.pause_s
        return self.distress and lasted >= self.after_s and not paused


def _follow(before: Memory, sample: Sample, at: float) -> tuple[float | None, Memory]:
    """How long distress has lasted by now, if it lasts or ends with this reading; and what to remember."""
    over = before.since is None or (before.left is not None and at - before.left > GRACE_S)
    if sample.emotion in DISTRESSED:
        since = from_rfc3339(sample.changed_at).timestamp() if over or before.since is None else before.since
        return at - since, replace(before, looks=sample.emotion, since=since, left=None)
    if over or before.since is None:
        return None, replace(before, looks="", since=None, left=None)
    if before.left is not None:
        return None, before
    left = from_rfc3339(sample.changed_at).timestamp() if sample.reason == "change" else at
    return left - before.since, replace(before, left=left)
