"""The benchmark's own arithmetic, since everybody will believe its figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.traces import Span, to_trace

from bench.baseline import Told
from bench.clips import Clip
from bench.lines import Line
from bench.mouths import Speech
from bench.news import Outcome, figures
from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.types import Observation, Scores

TRUTH = (Span(0, 2, "neutral"), Span(2, 5, "happy"), Span(5, 5.5, "sad"), Span(5.5, 8, "neutral"))


def test_the_first_expression_and_very_short_ones_are_not_expected() -> None:
    """The first is a bearing; half a second is over before anybody could say it."""
    assert [span.emotion for span in Outcome.of(TRUTH, []).changes] == ["happy", "neutral"]


def test_news_counts_only_while_it_is_true() -> None:
    """Being told of a smile after it has gone is a false announcement."""
    late = Outcome.of(TRUTH, [Told(5.1, "happy"), Told(6.1, "neutral")])
    assert list(late.delays.values()) == [pytest.approx(0.6)]
    assert late.tellings == 2


def test_news_told_twice_is_true_once() -> None:
    """Else a loop that repeats itself would look precise."""
    clip = Clip("changes", TRUTH, (), 10)
    found = figures([(clip, [Told(2.5, "happy"), Told(3.5, "sad"), Told(4, "happy"), Told(6, "neutral")])])
    assert (found.caught, found.precision) == (1.0, 0.5)
    assert found.p50 == pytest.approx(0.5)
    assert found.caught_of == {"happy": (1, 1), "neutral": (1, 1)}


def test_news_of_faces_that_do_not_change_is_counted_by_the_minute() -> None:
    """Steady and talking faces apart."""
    steady, talking = Clip("steady", (Span(0, 30, "sad"),), (), 10), Clip("talking", (Span(0, 20, "neutral"),), (), 10)
    found = figures([(steady, [Told(3, "angry")]), (talking, [Told(3, "surprise"), Told(4, "neutral")])])
    assert found.steady_per_minute == pytest.approx(2)
    assert found.talking_per_minute == pytest.approx(6)


def test_a_line_knows_whether_its_target_is_met() -> None:
    """At most, or at least."""
    assert Line("g", "w", 9.0, target=10).met
    assert not Line("g", "w", 79.0, target=80, at_least=True).met
    assert Line("g", "w", None, target=10).met is None
    assert Line("g", "w", 9.0, baseline=36).ratio == 0.25


def test_a_talker_opens_and_shuts_the_mouth_several_times_a_second() -> None:
    """Two to six times, pauses included."""
    speech = Speech(20, np.random.default_rng(1))
    openings = np.array([speech.at(at).opening for at in np.arange(0, 20, 0.01)])
    peaks = np.sum((openings[1:-1] > openings[:-2]) & (openings[1:-1] >= openings[2:]) & (openings[1:-1] > 0.1))
    assert 40 < peaks < 120


def test_a_trace_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """To a thousandth; gaps stay gaps."""
    scores = Scores(np.eye(len(EMOTIONS), dtype=np.float32)[3], 0.9)
    seen = [Observation(0.0, 0), Observation(0.1, 1, 4, scores, 0.25)]
    trace = to_trace("changes", TRUTH, seen)
    trace.save(tmp_path / "trace.npz")
    before, after = (list(one.observations()) for one in (trace, trace.load(tmp_path / "trace.npz")))
    assert [one.track for one in after] == [one.track for one in before] == [None, 4]
    assert after[0].scores is None
    assert after[1].scores is not None
    assert after[1].scores.emotions == pytest.approx(scores.emotions, abs=1e-3)
    assert after[1].mouth == pytest.approx(0.25, abs=1e-3)
    assert trace.load(tmp_path / "trace.npz").truth == TRUTH
