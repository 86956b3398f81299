"""What becomes news of labelled clips: caught or missed, how late, how often for nothing. All in the clip's own time.

`record` takes each frame through detector and network once; `evaluate` replays the filter alone, so other rules are tried in a
moment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from support.traces import ScoreTrace, Span, replay, to_trace

from howsitgoing_edge.core.types import Frame

from .baseline import BaselineLoop
from .clips import Clip, Maker, maker
from .lines import Line
from .parts import classifier, default_rules, recording_pipeline, settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from howsitgoing_edge.core.mood import MoodRules
    from howsitgoing_edge.settings import EdgeSettings

FPS: Final = 10.0
"""What the agent looks at while somebody is there"""
COUNTS: Final = 1.0
"""Seconds that a change must last to be expected"""


class Telling(Protocol):
    """One announcement."""

    @property
    def noticed(self) -> float:
        """When it was told, in the clip's time."""

    @property
    def emotion(self) -> str:
        """What it says."""


@dataclass(frozen=True)
class Outcome:
    """What became of the changes of one clip."""

    changes: tuple[Span, ...]
    """Those that were to be told"""
    delays: dict[Span, float]
    """Seconds from the beginning of a change to its telling, while it lasted; those missed are not in it"""
    tellings: int

    @classmethod
    def of(cls, truth: Sequence[Span], told: Sequence[Telling]) -> Outcome:
        """Match what was told with what happened. The first span is a bearing, not a change."""
        changes = tuple(span for span in truth[1:] if span.end - span.begin >= COUNTS)
        delays = {}
        for span in changes:
            hits = [one.noticed for one in told if one.emotion == span.emotion and span.begin <= one.noticed <= span.end]
            if hits:
                delays[span] = min(hits) - span.begin
        return cls(changes, delays, len(told))


@dataclass(frozen=True)
class NewsFigures:
    """How good the news is."""

    changes: int
    caught: float
    """Share of the changes that were told rightly and while they lasted"""
    p50: float
    p95: float
    """Seconds from the change of the face to the news"""
    precision: float
    """Share of the news, while faces change, that is true, and told once"""
    steady_per_minute: float
    """News of faces that do not change"""
    talking_per_minute: float
    """News of neutral faces that talk"""
    caught_of: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Emotion -> (caught, all)"""


def record(clip: Clip, configured: EdgeSettings | None = None) -> ScoreTrace:
    """What the filter is shown of ``clip``."""
    pipeline, mood = recording_pipeline(configured or settings())
    for number, image in enumerate(clip.frames):
        pipeline.step(Frame(image, number / clip.fps, number))
    return to_trace(clip.kind, clip.truth, mood.seen)


def evaluate(clips: Iterable[ScoreTrace], rules: MoodRules, settle: float) -> NewsFigures:
    """The figures that these rules reach on recorded clips of any kind."""
    return figures((trace, replay(trace, rules, settle)) for trace in clips)


def figures(told: Iterable[tuple[ScoreTrace | Clip, Sequence[Telling]]]) -> NewsFigures:
    """The figures of clips and what was told of them."""
    outcomes: list[Outcome] = []
    minutes = {"steady": 0.0, "talking": 0.0}
    for_nothing: Counter[str] = Counter()
    for clip, tellings in told:
        if clip.kind == "changes":
            outcomes.append(Outcome.of(clip.truth, tellings))
        else:
            minutes[clip.kind] += (clip.truth[-1].end - clip.truth[0].begin) / 60
            for_nothing[clip.kind] += len(tellings)
    delays = [delay for outcome in outcomes for delay in outcome.delays.values()]
    every = Counter(span.emotion for outcome in outcomes for span in outcome.changes)
    right = Counter(span.emotion for outcome in outcomes for span in outcome.delays)
    return NewsFigures(
        changes=every.total(),
        caught=len(delays) / max(1, every.total()),
        p50=float(np.percentile(delays, 50)) if delays else float("nan"),
        p95=float(np.percentile(delays, 95)) if delays else float("nan"),
        precision=len(delays) / max(1, sum(outcome.tellings for outcome in outcomes)),
        steady_per_minute=for_nothing["steady"] / max(minutes["steady"], 1e-9),
        talking_per_minute=for_nothing["talking"] / max(minutes["talking"], 1e-9),
        caught_of={emotion: (right[emotion], every[emotion]) for emotion in sorted(every)},
    )


def make_clips(make: Maker, rounds: int) -> Iterable[Clip]:
    """The benchmark's clips: in each round 80 s of changes, six steady faces, four that talk, 20 s each."""
    for number in range(2 * rounds):
        yield make.changes(number, 40.0, FPS)
    for number in range(6 * rounds):
        yield make.steady(number, 20.0, FPS)
    for number in range(4 * rounds):
        talking = make.talking(number, 20.0, FPS)
        if talking is not None:
            yield talking


def bench(rounds: int) -> list[Line]:
    """News in the clip's time, ours and the baseline's."""
    make = maker()
    configured = settings()
    old = BaselineLoop(classifier())
    traces: list[ScoreTrace] = []
    told_by_old: list[tuple[Clip, Sequence[Telling]]] = []
    for clip in make_clips(make, rounds):
        frames = list(clip.frames)
        traces.append(record(replace(clip, frames=frames), configured))
        told_by_old.append((replace(clip, frames=()), old.watch(frames, clip.fps)))
    ours, theirs = evaluate(traces, *default_rules()), figures(told_by_old)
    return _lines(ours, theirs, make.origin, talks=any(trace.kind == "talking" for trace in traces))


def _lines(ours: NewsFigures, theirs: NewsFigures, origin: str, *, talks: bool) -> list[Line]:
    group = "news"
    of_each = ", ".join(f"{emotion} {caught}/{every}" for emotion, (caught, every) in ours.caught_of.items())
    true = Line(group, "news that is true, while faces change", 100 * ours.precision, "%", baseline=100 * theirs.precision)
    return [
        Line(group, f"changes ≥ 1 s caught, of {ours.changes}", 100 * ours.caught, "%", 80, True, 100 * theirs.caught, of_each),
        replace(true, note=origin),
        Line(group, "change to news p50, filter alone", ours.p50, "s", 0.75, baseline=theirs.p50),
        Line(group, "change to news p95, filter alone", ours.p95, "s", 1.2, baseline=theirs.p95),
        Line(group, "news a minute of steady faces", ours.steady_per_minute, "", 2, baseline=theirs.steady_per_minute),
        Line(
            group,
            "news a minute of neutral faces that talk",
            ours.talking_per_minute if talks else None,
            baseline=theirs.talking_per_minute,
            note="" if talks else "needs YuNet",
        ),
    ]
