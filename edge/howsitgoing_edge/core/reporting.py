"""When the mood is worth publishing: at once when it is another one, now and then when only its shares moved."""

from __future__ import annotations

from howsitgoing_edge.core.types import Mood

_MOVED = 0.05
"""A confidence that moved by less is not worth a message"""
_AT_MOST_EVERY = 1.0
_AT_LEAST_EVERY = 30.0
"""Seconds"""


class MoodReporter:
    """Thins the moods of all frames out to those worth publishing."""

    def __init__(self) -> None:
        """Nothing published yet."""
        self._last: Mood | None = None

    def worth(self, mood: Mood) -> bool:
        """Whether to publish ``mood``; if so, it counts as published."""
        last = self._last
        worth = last is None or self._differs(last, mood)
        if worth:
            self._last = mood
        return worth

    @staticmethod
    def _differs(last: Mood, mood: Mood) -> bool:
        passed = mood.time - last.time
        if (mood.emotion, mood.since) != (last.emotion, last.since) or passed >= _AT_LEAST_EVERY or passed < 0:
            return True
        moved = mood.faces != last.faces or abs(mood.confidence - last.confidence) >= _MOVED
        return moved and passed >= _AT_MOST_EVERY
