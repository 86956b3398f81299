"""A network on trial: it reads faces, and the one before stands behind it until it has shown that it does as well."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

import numpy as np

from howsitgoing_edge.core.ports import Classifier
from howsitgoing_edge.core.types import Pixels, Scores
from howsitgoing_edge.update.selftest import Clock

FACES: Final = 50
"""Readings of real faces that a trial takes: five seconds with somebody in front, at ten a second"""
HARMLESS_MS: Final = 5.0
"""Who takes no longer than this slows nobody down, however quick the one before was"""
Verdict = Callable[[str | None], None]
"""Told once: why the network is not fit, or None: it is. Must not block."""


class OnTrial:
    """Reads by the new network, and from the first fault on by the old one. Used by the vision thread; nothing here waits."""

    def __init__(
        self, new: Classifier, old: Classifier, *, allowed_ms: float, verdict: Verdict, clock: Clock = time.perf_counter
    ) -> None:
        """``allowed_ms``: the median of `FACES` readings may take so long."""
        self._new = new
        self._old = old
        self._allowed = allowed_ms
        self._verdict = verdict
        self._clock = clock
        self._times: list[float] = []
        self._reader = new

    def score(self, crop: Pixels) -> Scores:
        """As `Classifier.score`; whoever reads, there is an answer."""
        if self._reader is not self._new or len(self._times) >= FACES:
            return self._reader.score(crop)
        begun = self._clock()
        try:
            scores = self._new.score(crop)
        except Exception as error:  # noqa: BLE001  whatever it is: the wearer must not miss anything for it
            return self._fail(f"it broke ({type(error).__name__}: {error})", crop)
        if not (np.isfinite(scores.emotions).all() and np.isfinite(scores.readable)):
            return self._fail("it gave something that is no number", crop)
        self._times.append(1000 * (self._clock() - begun))
        if len(self._times) >= FACES:
            return self._judged(scores)
        return scores

    def _judged(self, scores: Scores) -> Scores:
        took = median(self._times)
        if took > self._allowed:
            self._reader = self._old
            self._verdict(f"it takes {took:.1f} ms a face, and {self._allowed:.1f} are allowed here")
        else:
            self._verdict(None)
        return scores

    def _fail(self, why: str, crop: Pixels) -> Scores:
        self._reader = self._old
        self._verdict(why)
        return self._old.score(crop)


def allowed_ms(before: float, slower: float) -> float:
    """What the new network may take where the one before took ``before`` milliseconds."""
    return max(HARMLESS_MS, slower * before)
