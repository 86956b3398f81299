"""Notices two devices that go by one id, by their health messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ._contract import Health, from_rfc3339

_TOLERANCE: Final = timedelta(minutes=1)
"""A device's clock is set now and then: starts closer together than this are one start."""
_REMEMBERED: Final = timedelta(minutes=10)
_ENOUGH: Final = 2


class ClashDetector:
    """A device that restarts started later than before. Starts that keep going back are two devices talking in turns."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._started: datetime | None = None
        self._steps_back: list[datetime] = []

    def hear(self, health: Health, now: datetime) -> None:
        """Take note of a health message that came at ``now``."""
        started = from_rfc3339(health.at) - timedelta(seconds=health.uptime_s)
        if self._started is not None and started < self._started - _TOLERANCE:
            self._steps_back.append(now)
        self._started = started

    def clashes(self, now: datetime) -> bool:
        """Whether two devices have been talking lately."""
        self._steps_back = [moment for moment in self._steps_back if now - moment < _REMEMBERED]
        return len(self._steps_back) >= _ENOUGH
