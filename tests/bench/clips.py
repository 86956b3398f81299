"""Labelled clips: a person who changes expression, one who keeps it, one who talks.

Of real faces where they are, else of the demo's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypedDict

import cv2
import numpy as np
from support.scene import NOBODY, Segment, make_clip, timeline
from support.traces import Span

from howsitgoing_edge.camera.demo import DEMO_TIMELINE, demo_clip
from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.yunet import YuNet

from .faces import ANYBODY, ENOUGH, People, Use, people
from .mouths import Speech, speak
from .parts import yunet_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from support.scene import Portrait

    from howsitgoing_edge.core.types import Pixels

SHORTEST, LONGEST = 1.5, 4.0
"""Seconds that an expression lasts where it changes"""
_GRAIN, _WAVERING = 5.0, 0.02
"""Standard deviations of a webcam's noise, in 255ths, and of what the light changes from frame to frame, as a share"""
_HEIGHTS, _SWAY = (100.0, 220.0), (0.5, 2.0)
"""Pixels from forehead to chin, and how much people move, in `make_clip`'s terms: drawn once for each clip"""


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip and what it really shows."""

    kind: str
    """``changes``, ``steady`` or ``talking``"""
    truth: tuple[Span, ...]
    frames: Iterable[Pixels]
    fps: float


class Framing(TypedDict):
    """How somebody stands before the camera; parameters of `make_clip`."""

    face_height: float
    motion: float


class Maker(Protocol):
    """Makes clips; ``number`` chooses another one."""

    origin: str
    """For people: whose faces"""

    def changes(self, number: int, seconds: float, fps: float) -> Clip:
        """All expressions in a random order, each for 1.5 to 4 seconds, each time another person.

        As equally often as there are faces for it: of which there are only a few, that one comes less often.
        """

    def steady(self, number: int, seconds: float, fps: float) -> Clip:
        """One person who keeps still but for slight movements, whatever expression it is."""

    def talking(self, number: int, seconds: float, fps: float) -> Clip | None:
        """A neutral person who talks; None: no mouth can be found without YuNet."""


def maker(use: Use = "check") -> Maker:
    """Of labelled faces, or of the demo clip; what is measured is never what was tuned with."""
    found = people(use)
    return DemoMaker() if found is None else FacesMaker(found)


class FacesMaker:
    """Faces on the painted person."""

    origin = "FER2013 PublicTest, 8 of 10 votes"

    def __init__(self, found: People) -> None:
        """``found``: see `faces.people`."""
        self._people = found

    def changes(self, number: int, seconds: float, fps: float) -> Clip:
        """See `Maker`."""
        rng = np.random.default_rng(100 + number)
        segments = list(self._segments(seconds, rng))
        shuffled = {emotion: [faces[i] for i in rng.permutation(len(faces))] for emotion, faces in self._people.items()}
        return Clip("changes", _truth(segments), _filmed(segments, shuffled, fps, rng), fps)

    def steady(self, number: int, seconds: float, fps: float) -> Clip:
        """See `Maker`."""
        rng = np.random.default_rng(200 + number)
        faces = self._people[ANYBODY]
        segments = [Segment(ANYBODY, seconds)]
        one = {ANYBODY: [faces[number % len(faces)]]}
        return Clip("steady", _truth(segments), _filmed(segments, one, fps, rng), fps)

    def talking(self, number: int, seconds: float, fps: float) -> Clip | None:
        """See `Maker`."""
        rng = np.random.default_rng(300 + number)
        faces = self._people["neutral"]
        segments = [Segment("neutral", seconds)]
        one = {"neutral": [faces[number % len(faces)]]}
        return _talking(make_clip(segments, one, fps=fps, **_framing(rng)), seconds, fps, rng)

    def _segments(self, seconds: float, rng: np.random.Generator) -> Iterator[Segment]:
        """Rounds in which each expression comes at most once; never the same twice in a row."""
        passed, last = 0.0, ""
        while True:
            order = [emotion for emotion in rng.permutation(EMOTIONS) if rng.random() < len(self._people[emotion]) / ENOUGH]
            if order[0] == last:
                order.reverse()
            for emotion in order:
                if passed >= seconds:
                    return
                lasts = round(float(rng.uniform(SHORTEST, LONGEST)), 2)
                yield Segment(str(emotion), lasts)
                passed, last = passed + lasts, emotion


class DemoMaker:
    """The demo clip's averaged faces, in the order of its timeline; for machines without labelled faces."""

    origin = "the demo clip"

    def __init__(self) -> None:
        """Reads the timeline."""
        self._truth = tuple(
            Span(float(part["from"]), float(part["to"]), str(part["emotion"]))
            for part in json.loads(DEMO_TIMELINE.read_text())["segments"]
        )

    def changes(self, number: int, seconds: float, fps: float) -> Clip:
        """The demo clip, whole; ``number`` and ``seconds`` change nothing but the noise."""
        del seconds
        return Clip("changes", self._truth, _grainy(_demo_frames(fps), np.random.default_rng(number)), fps)

    def steady(self, number: int, seconds: float, fps: float) -> Clip:
        """One part of the demo clip, to and fro."""
        part = self._truth[number % len(self._truth)]
        frames = self._to_and_fro(part, seconds, fps)
        return Clip("steady", (Span(0.0, seconds, part.emotion),), _grainy(frames, np.random.default_rng(number)), fps)

    def talking(self, number: int, seconds: float, fps: float) -> Clip | None:
        """The neutral part of it, with another mouth."""
        return _talking(self._to_and_fro(self._truth[0], seconds, fps), seconds, fps, np.random.default_rng(300 + number))

    @staticmethod
    def _to_and_fro(part: Span, seconds: float, fps: float) -> Iterator[Pixels]:
        whole = list(_demo_frames(fps))
        piece = whole[round((part.begin + 0.4) * fps) : round((part.end - 0.1) * fps)]
        there_and_back = [*piece, *piece[-2:0:-1]]
        return (there_and_back[n % len(there_and_back)] for n in range(round(seconds * fps)))


def empty_room(seconds: float, fps: float) -> Iterator[Pixels]:
    """Nobody is there."""
    return _grainy(make_clip([Segment(NOBODY, seconds)], {}, fps=fps), np.random.default_rng(0))


def _truth(segments: Sequence[Segment]) -> tuple[Span, ...]:
    return tuple(Span(float(part["from"]), float(part["to"]), str(part["emotion"])) for part in timeline(segments))


def _talking(neutral: Iterator[Pixels], seconds: float, fps: float, rng: np.random.Generator) -> Clip | None:
    file = yunet_file()
    if file is None:
        return None
    frames = _grainy(_speaking(neutral, YuNet(read(YUNET, file)), Speech(seconds, rng), fps), rng)
    return Clip("talking", (Span(0.0, seconds, "neutral"),), frames, fps)


def _speaking(neutral: Iterator[Pixels], detector: YuNet, speech: Speech, fps: float) -> Iterator[Pixels]:
    for number, frame in enumerate(neutral):
        faces = detector.detect(frame)
        points = faces[0].landmarks if faces else None
        yield frame if points is None else speak(frame, points, speech.at(number / fps))


def _framing(rng: np.random.Generator) -> Framing:
    """Someone who stands still right in front, or sways two metres away."""
    return {"face_height": float(rng.uniform(*_HEIGHTS)), "motion": float(rng.uniform(*_SWAY))}


def _filmed(
    segments: Sequence[Segment], faces: Mapping[str, Sequence[Portrait]], fps: float, rng: np.random.Generator
) -> Iterator[Pixels]:
    return _grainy(make_clip(segments, faces, fps=fps, **_framing(rng)), rng)


def _grainy(frames: Iterator[Pixels], rng: np.random.Generator) -> Iterator[Pixels]:
    """As a camera sees it: light that wavers, and noise, one of a few grains, laid another way each time."""
    grains: list[np.ndarray] = []
    light = 1.0
    for frame in frames:
        if not grains:
            grains = [rng.normal(0, _GRAIN, frame.shape).astype(np.int16) for _ in range(4)]
        light += 0.1 * (1 - light) + float(rng.normal(0, _WAVERING))
        grain = np.roll(grains[int(rng.integers(len(grains)))], int(rng.integers(frame.shape[0])), axis=0)
        yield np.asarray(cv2.addWeighted(frame, light, grain, 1, 0, dtype=cv2.CV_8U), np.uint8)


def _demo_frames(fps: float) -> Iterator[Pixels]:
    """The demo clip at another frame rate: for each moment the picture that was up."""
    clip = demo_clip()
    try:
        shown: list[tuple[float, Pixels]] = []
        while (at := clip.grab()) is not None:
            image = clip.retrieve()
            if image is not None:
                shown.append((at, image))
    finally:
        clip.close()
    moments = iter(np.arange(0, shown[-1][0], 1 / fps).tolist())
    moment = next(moments)
    for (_, image), (until, _) in pairwise(shown):
        while moment < until:
            yield image
            moment = next(moments, float("inf"))
