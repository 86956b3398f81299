"""Which readings are sent besides the changes: a dataset of changes alone would show faces in motion, and what is easy. Pure.

- ``random``: readings at random moments of the time in which a face could be read, so that the sample shows what the camera
  sees; the gaps are exponential, hence no moment is likelier than another.
- ``unsure``: readings that the network was not sure of, where a label teaches most. They come in spells, so each spell gives
  one at most, at a random moment of its first seconds, and spells soon after one another are passed over.
- ``lasting``: that a face still looks sad, angry or afraid. Nothing changes then, and the carer's alert rests on such readings:
  see ``docs/adr/0013``.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from howsitgoing_edge.cloud.distress import DISTRESSED
from howsitgoing_edge.contract import UNSURE
from howsitgoing_edge.core.types import Mood

HOUR: Final = 3600.0
LONGEST_FRAME: Final = 1.0
"""Seconds that one frame stands for at most: what happened in a longer gap nobody saw"""
CLEAR: Final = 0.5
"""A mood believed less than this is unsure, too"""
_SPELL: Final = 2.0
"""Seconds of a spell of which one moment is chosen"""


@dataclass(frozen=True)
class Rates:
    """Samples an hour of readable face, at most; 0: none."""

    random: float
    unsure: float
    lasting: float = 0.0
    """Of distress that lasts"""


class Sampler:
    """Chooses. Used by one thread; seconds are of the frames' clock."""

    def __init__(self, rates: Rates, chance: Random | None = None) -> None:
        """``chance``: where random numbers come from."""
        self._rates = rates
        self._chance = chance or Random()  # noqa: S311  nothing secret
        self._last: float | None = None
        self._until_random = self._gap(rates.random)
        self._unsure_rest = 0.0
        """Seconds of readable face until an unsure reading may be taken again"""
        self._until_unsure: float | None = None
        """Seconds of this spell until it is taken; None: no spell"""
        self._distressed, self._told = float("-inf"), 0.0
        """When distress was last seen, and last told"""

    def choose(self, mood: Mood) -> str | None:
        """Why the reading of this frame, of a face that could be read, is worth sending: random, unsure, lasting, or None."""
        passed = 0.0 if self._last is None else min(max(0.0, mood.time - self._last), LONGEST_FRAME)
        self._last = mood.time
        unsure, lasting = self._is_due_unsure(mood, passed), self._is_due_lasting(mood)
        self._until_random -= passed
        if self._until_random <= 0:
            self._until_random = self._gap(self._rates.random)
            return "random"
        if unsure:
            self._unsure_rest = HOUR / self._rates.unsure
            self._until_unsure = None
            return "unsure"
        return "lasting" if lasting else None

    def _is_due_lasting(self, mood: Mood) -> bool:
        if not self._rates.lasting or mood.emotion not in DISTRESSED:
            return False
        gap = HOUR / self._rates.lasting
        begins, self._distressed = mood.time - self._distressed > gap, mood.time
        if not begins and mood.time - self._told < gap:
            return False
        self._told = mood.time
        return not begins  # its begin is a change, and sent as such

    def _is_due_unsure(self, mood: Mood, passed: float) -> bool:
        self._unsure_rest -= passed
        if mood.emotion != UNSURE and mood.confidence >= CLEAR:
            self._until_unsure = None
            return False
        if not self._rates.unsure or self._unsure_rest > 0:
            return False
        if self._until_unsure is None:
            self._until_unsure = self._chance.uniform(0, _SPELL)
        self._until_unsure -= passed
        return self._until_unsure <= 0

    def _gap(self, rate: float) -> float:
        return self._chance.expovariate(rate / HOUR) if rate else float("inf")
