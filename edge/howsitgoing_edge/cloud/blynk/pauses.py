"""How long to wait: before the next try, the next message, for an answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from howsitgoing_edge.errors import EdgeError, PermanentError


@dataclass(frozen=True)
class Pauses:
    """Seconds."""

    first: float = 1.0
    longest: float = 60.0
    refused: float = 600.0
    """After a refusal that only a person can end: Blynk counts messages, and blocks who hammers"""
    steady: float = 20.0
    """A connection that held this long was a recovery: the next pause is the first one again"""

    between: float = 1.0
    """From one message that shows something to the next"""
    answer: float = 5.0
    """A server that has not told the state of the switch by then has none to tell"""
    on_its_way: float = 0.7
    """Likewise, once the server has confirmed our question"""

    def after(self, error: EdgeError, tries: int, luck: float) -> float:
        """Seconds after ``tries`` failures in a row. ``luck``: 0 to 1, random; spreads devices over half the pause."""
        growing = min(self.first * 2.0 ** min(tries - 1, 30), self.longest)
        return (self.refused if isinstance(error, PermanentError) else growing) * (0.5 + luck / 2)
