"""How much of something may happen: a handful at once, then so many a second. Pure; time is an argument."""

from __future__ import annotations


class Allowance:
    """A bucket of tokens."""

    def __init__(self, at_once: int, per_second: float) -> None:
        """Full at the start."""
        self._most = float(at_once)
        self._per_second = per_second
        self._left = self._most
        self._seen: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may happen at ``now`` (seconds of any steady clock)."""
        if self._seen is not None:
            self._left = min(self._most, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
