"""Replays of recorded score traces: what the filter makes of what a real network said of faces whose expression is known.

Recorded by ``python -m tests.bench.record``; see traces/README.md. A change of the filter's rules shows here what it costs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from bench.news import NewsFigures, evaluate
from support.traces import ScoreTrace, replay

from howsitgoing_edge.core.mood import MoodRules
from howsitgoing_edge.settings import MoodSettings

TRACES: Final = Path(__file__).with_name("traces")
RULES: Final = MoodRules(hold=MoodSettings().hold, sure=MoodSettings().sure, nobody_after=MoodSettings().nobody_after)
SETTLE: Final = MoodSettings().settle


def _load(name: str) -> ScoreTrace:
    return ScoreTrace.load(TRACES / f"{name}.npz")


def _figures(kind: str) -> NewsFigures:
    return evaluate((_load(f"{kind}-{number}") for number in range(1, 5)), RULES, SETTLE)


def _news(trace: ScoreTrace) -> list[str]:
    return [change.emotion for change in replay(trace, RULES, SETTLE)]


def _thinned(trace: ScoreTrace, step: int) -> ScoreTrace:
    columns = ("times", "faces", "tracks", "scores", "readable", "mouth")
    return replace(trace, **{name: getattr(trace, name)[::step] for name in columns})


def _names(trace: ScoreTrace) -> int:
    """How often the network's likeliest answer changes."""
    named = np.nan_to_num(trace.scores).argmax(1)
    return int(np.count_nonzero(named[1:] != named[:-1]))


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_the_demos_changes_are_news_in_their_order_at_any_frame_rate(step: int) -> None:
    """15, 7.5, 5 and 3 frames a second."""
    trace = _load("demo")
    assert _news(_thinned(trace, step)) == [span.emotion for span in trace.truth[1:]]


def test_no_news_comes_before_the_face_has_changed() -> None:
    """The time of a change is never before it, nor half a second after; it is noticed within a second or so."""
    trace = _load("demo")
    for change, span in zip(replay(trace, RULES, SETTLE), trace.truth[1:], strict=True):
        assert span.begin - 0.1 <= change.changed <= span.begin + 0.5
        assert change.noticed <= span.begin + 1.0


def test_changes_of_people_whom_the_filter_was_not_tuned_with_are_caught_in_time() -> None:
    """Every second to fourth second another person's face with another expression: what the wearer was promised."""
    found = _figures("changes")
    assert found.changes > 20
    assert found.caught >= 0.8
    assert found.precision >= 0.85
    assert found.p50 <= 0.65
    assert found.p95 <= 1.1


def test_faces_that_stay_as_they_are_make_no_news() -> None:
    """Whatever it is that they show: 80 seconds of four people."""
    assert _figures("steady").steady_per_minute == 0


@pytest.mark.parametrize(("kind", "at_most"), [("talking", 1), ("slow-talking", 3)])
def test_people_who_talk_make_no_flood_of_news(kind: str, at_most: float) -> None:
    """80 seconds of four people, at 10 and at 3 frames a second; the network alone tells of something new all the time."""
    alone = sum(_names(_load(f"{kind}-{number}")) for number in range(1, 5)) / (80 / 60)
    found = _figures(kind).talking_per_minute
    assert found <= at_most
    assert alone > 15 * max(found, 1)


def test_a_man_who_raps_is_told_of_at_most_twice() -> None:
    """Eleven seconds of a film; he frowns."""
    trace = _load("rapper")
    assert _names(trace) > 10
    assert len(_news(trace)) <= 2
