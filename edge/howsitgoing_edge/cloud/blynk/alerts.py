"""When the carer is told at once: distress that lasts, on request each change; no more than Blynk lets through a day. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from howsitgoing_edge.cloud.blynk.streams import words
from howsitgoing_edge.cloud.distress import DISTRESSED

EVENTS_A_DAY: Final = 100
KEPT_FOR_DISTRESS: Final = 30
"""So many of them are never spent on changes"""
GRACE: Final = 20.0
"""Seconds of another expression, or of none, that do not end distress: people blink, turn away, and smile bravely"""
_DAY: Final = 86_400.0


@dataclass(frozen=True)
class Alert:
    """One event of the dashboard."""

    code: str
    text: str


@dataclass(frozen=True)
class AlertRules:
    """What is worth telling."""

    after: float
    """Seconds of distress"""
    pause: float
    """Seconds until distress is told of again"""
    changes: bool
    """Tell of each change, too"""


class Alerts:
    """Not thread-safe: its owner locks. Times are seconds of one steady clock."""

    def __init__(self, rules: AlertRules) -> None:
        """Nothing told yet."""
        self._rules = rules
        self._emotion = ""
        self._since: float | None = None
        self._left: float | None = None
        self._quiet_until = float("-inf")
        self._told: deque[float] = deque()
        self.dropped = 0
        """What was not told, since the day's events were used up"""

    def mood(self, emotion: str, now: float) -> None:
        """The face in front looks like this."""
        self._emotion = emotion
        if emotion in DISTRESSED:
            if self._since is None or (self._left is not None and now - self._left > GRACE):
                self._since = now
            self._left = None
        elif self._since is not None and self._left is None:
            self._left = now

    def change(self, emotion: str, language: str, now: float) -> Alert | None:
        """News; what to tell of it."""
        if not self._rules.changes:
            return None
        if not self._spend(now, EVENTS_A_DAY - KEPT_FOR_DISTRESS):
            self.dropped += 1
            return None
        return Alert("mood_change", words(emotion, language))

    def due(self, now: float) -> float | None:
        """In how many seconds `distress` should be asked, if nothing changes; None: no need."""
        if self._since is None or self._left is not None:
            return None
        return max(0.0, max(self._since + self._rules.after, self._quiet_until) - now)

    def distress(self, language: str, now: float) -> Alert | None:
        """Distress that has lasted long enough, and was not told of lately."""
        if self._since is None or self.due(now) != 0:
            return None
        self._quiet_until = now + self._rules.pause
        if not self._spend(now, EVENTS_A_DAY):
            self.dropped += 1
            return None
        minutes = round((now - self._since) / 60)
        return Alert("distress", f"{words(self._emotion, language)} ({minutes} min)")

    def _spend(self, now: float, budget: int) -> bool:
        while self._told and now - self._told[0] >= _DAY:
            self._told.popleft()
        if len(self._told) >= budget:
            return False
        self._told.append(now)
        return True
