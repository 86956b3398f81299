"""Recorded score traces: what the filter was shown, frame by frame, and what the face really showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.mood import MoodFilter, MoodRules
from howsitgoing_edge.core.news import News
from howsitgoing_edge.core.types import Observation, Scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from howsitgoing_edge.core.types import Change

Floats = npt.NDArray[np.float32]


class Span(NamedTuple):
    """What the face showed from ``begin`` to ``end``, in seconds."""

    begin: float
    end: float
    emotion: str


@dataclass(frozen=True, eq=False)
class ScoreTrace:
    """One clip as the filter saw it, one row a frame."""

    kind: str
    """``changes``, ``steady`` or ``talking``"""
    truth: tuple[Span, ...]
    times: npt.NDArray[np.float64]
    """(n,) seconds"""
    faces: npt.NDArray[np.int16]
    """(n,) faces in the frame"""
    tracks: npt.NDArray[np.int16]
    """(n,) the face in front; -1: nobody"""
    scores: Floats
    """(n, 7) calibrated shares, NaN where nothing could be read"""
    readable: Floats
    """(n,)"""
    mouth: Floats
    """(n,)"""

    @property
    def seconds(self) -> float:
        """How long the clip is."""
        return self.truth[-1].end - self.truth[0].begin

    def observations(self) -> Iterator[Observation]:
        """What the filter was given."""
        for time, faces, track, scores, readable, mouth in zip(
            self.times, self.faces, self.tracks, self.scores, self.readable, self.mouth, strict=True
        ):
            said = None if np.isnan(scores).any() else Scores(scores, float(readable))
            yield Observation(float(time), int(faces), None if track < 0 else int(track), said, float(mouth))

    def save(self, path: Path) -> None:
        """Write it as a small .npz: shares are kept to a thousandth."""
        np.savez_compressed(
            path,
            kind=self.kind,
            begins=np.array([span.begin for span in self.truth]),
            ends=np.array([span.end for span in self.truth]),
            emotions=np.array([span.emotion for span in self.truth]),
            times=self.times.astype(np.float32),
            faces=self.faces.astype(np.int8),
            tracks=self.tracks,
            scores=self.scores.round(3).astype(np.float16),
            readable=self.readable.round(3).astype(np.float16),
            mouth=self.mouth.round(3).astype(np.float16),
        )

    @classmethod
    def load(cls, path: Path) -> ScoreTrace:
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            spans = zip(file["begins"].tolist(), file["ends"].tolist(), file["emotions"].tolist(), strict=True)
            scores = file["scores"].astype(np.float32)
            return cls(
                str(file["kind"]),
                tuple(Span(*span) for span in spans),
                file["times"].astype(np.float64),
                file["faces"].astype(np.int16),
                file["tracks"].astype(np.int16),
                scores / scores.sum(1, keepdims=True),
                file["readable"].astype(np.float32),
                file["mouth"].astype(np.float32),
            )


def to_trace(kind: str, truth: Sequence[Span], seen: Sequence[Observation]) -> ScoreTrace:
    """The observations of one clip as a trace."""
    nothing = Scores(np.full(len(EMOTIONS), np.nan, np.float32), float("nan"))
    said = [one.scores or nothing for one in seen]
    return ScoreTrace(
        kind,
        tuple(truth),
        np.array([one.time for one in seen]),
        np.array([one.faces for one in seen], np.int16),
        np.array([-1 if one.track is None else one.track for one in seen], np.int16),
        np.array([scores.emotions for scores in said], np.float32).reshape(-1, len(EMOTIONS)),
        np.array([scores.readable for scores in said], np.float32),
        np.array([one.mouth for one in seen], np.float32),
    )


def replay(trace: ScoreTrace, rules: MoodRules, settle: float) -> list[Change]:
    """The news that the filter makes of ``trace`` under these rules."""
    mood, news = MoodFilter(rules), News(settle)
    changes = (news.update(mood.update(seen)) for seen in trace.observations())
    return [change for change in changes if change is not None]
