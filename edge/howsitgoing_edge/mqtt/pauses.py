"""How long to wait before the next try: longer each time, at most so long, and never all devices at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pauses:
    """Seconds."""

    first: float = 1.0
    longest: float = 30.0
    refused: float = 60.0
    """After a refusal that only a person can end; tried again all the same, for they may do so at the broker"""
    steady: float = 10.0
    """A connection that held this long was a recovery: the next pause is the first one again"""

    def after(self, tries: int, luck: float, *, refused: bool) -> float:
        """Seconds to wait after ``tries`` failures in a row. ``luck``: 0 to 1, random; spreads devices over half the pause."""
        growing = min(self.first * 2.0 ** min(tries - 1, 30), self.longest)
        return (self.refused if refused else growing) * (0.5 + luck / 2)
