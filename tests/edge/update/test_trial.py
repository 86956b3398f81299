"""The new network reads; at its first fault the one before reads on, with the same frame."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_edge.core.types import Pixels, Scores
from howsitgoing_edge.update.trial import FACES, HARMLESS_MS, OnTrial, allowed_ms

CROP = np.zeros((48, 48), np.uint8)


class Reader:
    """A classifier that takes some milliseconds of a clock that only it moves, and may fail."""

    def __init__(self, share: float, ms: float, time: list[float]) -> None:
        self.share = share
        self.ms = ms
        self.time = time
        self.fault: Exception | None = None
        self.asked = 0

    def score(self, crop: Pixels) -> Scores:
        assert crop is CROP
        self.asked += 1
        self.time[0] += self.ms / 1000
        if self.fault is not None:
            raise self.fault
        return Scores(np.full(7, self.share, np.float32), self.share)


class Trial:
    """One trial, with all that can be seen of it."""

    def __init__(self, new_ms: float, allowed: float) -> None:
        time = [0.0]
        self.new, self.old = Reader(0.1, new_ms, time), Reader(0.2, 1, time)
        self.verdicts: list[str | None] = []
        self.reader = OnTrial(self.new, self.old, allowed_ms=allowed, verdict=self.verdicts.append, clock=lambda: time[0])

    def read(self, times: int = 1) -> list[float]:
        return [round(self.reader.score(CROP).readable, 1) for _ in range(times)]


def test_a_network_that_does_well_passes_once() -> None:
    """After so many faces, and then nobody looks over its shoulder."""
    trial = Trial(new_ms=2, allowed=6)
    assert trial.read(FACES - 1) == [0.1] * (FACES - 1)
    assert trial.verdicts == []
    assert trial.read(FACES) == [0.1] * FACES
    assert trial.verdicts == [None]
    assert trial.old.asked == 0


def test_a_network_that_is_too_slow_goes_after_its_trial() -> None:
    """By the median: one slow reading is the machine's, not its."""
    trial = Trial(new_ms=7, allowed=6)
    trial.read(FACES)
    assert trial.verdicts == ["it takes 7.0 ms a face, and 6.0 are allowed here"]
    assert trial.read(3) == [0.2] * 3


def test_a_few_slow_readings_are_forgiven() -> None:
    """A Pi has other things to do, now and then."""
    trial = Trial(new_ms=2, allowed=6)
    trial.read(FACES - 10)
    trial.new.ms = 100
    trial.read(10)
    assert trial.verdicts == [None]


@pytest.mark.parametrize("fault", [RuntimeError("kernel"), ValueError("shape"), MemoryError(), ZeroDivisionError("odd")])
def test_a_network_that_breaks_costs_no_frame(fault: Exception) -> None:
    """The frame that broke it is read by the one before, and so are all others."""
    trial = Trial(new_ms=2, allowed=6)
    trial.read(5)
    trial.new.fault = fault
    assert trial.read(3) == [0.2] * 3
    assert len(trial.verdicts) == 1
    assert type(fault).__name__ in str(trial.verdicts[0])
    assert trial.new.asked == 6, "it is not asked again"


@pytest.mark.parametrize("share", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_reading(share: float) -> None:
    """It would poison the filter's memory of the last seconds."""
    trial = Trial(new_ms=2, allowed=6)
    trial.new.share = share
    assert trial.read() == [0.2]
    assert trial.verdicts == ["it gave something that is no number"]


def test_who_is_quick_anyway_is_not_measured_against_who_was_quicker() -> None:
    """From 0.2 to 0.8 ms a face nobody loses a frame."""
    assert allowed_ms(0.2, 3) == HARMLESS_MS
    assert allowed_ms(4.0, 3) == 12.0
