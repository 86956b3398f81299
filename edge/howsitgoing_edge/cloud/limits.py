"""How much may wait on the device, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = 86_400.0


@dataclass(frozen=True)
class Limits:
    """What is over them goes: pictures before words, the oldest first."""

    size: int
    """Bytes of events and pictures"""
    age: float = 30 * DAY
    """Seconds"""
    picture_age: float = 7 * DAY
    """Seconds"""
