"""Which of the faces is the one in front: short-lived tracks, and a choice that does not flip-flop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from howsitgoing_edge.core.types import Box, Face

_FORGET = 0.8
"""Seconds that a face may be missing (a blink of the detector, a head turned) until its track ends."""
_TAKE_OVER = 1.6
"""How much more prominent another face must be to become the one in front ..."""
_TAKE_OVER_AFTER = 0.7
"""... and for how many seconds."""
_GROWN_UP = 1.0
"""Seconds until a new track has its full weight: a false detection rarely lasts."""


@dataclass(frozen=True)
class Track:
    """A face followed from frame to frame; says nothing about who it is."""

    number: int
    box: Box
    born: float
    seen: float
    prominence: float


@dataclass(frozen=True)
class Front:
    """The face in front in this frame."""

    track: int
    face: Face | None
    """None: not found in this frame, but missing only shortly"""


class FrontFace:
    """Follows the faces and chooses one: size x centrality x persistence, sticky."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._tracks: list[Track] = []
        self._front: int | None = None
        self._rival: tuple[int, float] | None = None
        self._count = 0

    def update(self, faces: Sequence[Face], width: int, height: int, time: float) -> Front | None:
        """The one in front among ``faces`` of a frame of ``width`` x ``height`` pixels; None: nobody."""
        matched = self._match(faces, width, height, time)
        front = self._choose(time)
        return None if front is None else Front(front, matched.get(front))

    def _match(self, faces: Sequence[Face], width: int, height: int, time: float) -> dict[int, Face]:
        pairs = sorted(
            ((_likeness(track.box, face.box), t, f) for t, track in enumerate(self._tracks) for f, face in enumerate(faces)),
            reverse=True,
        )
        of_track: dict[int, int] = {}
        for likeness, t, f in pairs:
            if likeness > 0 and t not in of_track and f not in of_track.values():
                of_track[t] = f
        known = [
            replace(track, box=faces[of_track[t]].box, seen=time) if t in of_track else track
            for t, track in enumerate(self._tracks)
        ]
        by_number = {self._tracks[t].number: faces[f] for t, f in of_track.items()}
        for f, face in enumerate(faces):
            if f not in of_track.values():
                self._count += 1
                known.append(Track(self._count, face.box, time, time, 0.0))
                by_number[self._count] = face
        self._tracks = [
            replace(track, prominence=_prominence(track, width, height, time))
            for track in known
            if time - track.seen <= _FORGET
        ]
        return by_number

    def _choose(self, time: float) -> int | None:
        """The present choice, unless it is gone, or clearly outdone for a while."""
        if not self._tracks:
            self._front = self._rival = None
            return None
        best = max(self._tracks, key=lambda track: track.prominence)
        current = next((track for track in self._tracks if track.number == self._front), None)
        if current is None or best.number == current.number:
            self._front, self._rival = best.number, None
        elif best.prominence < _TAKE_OVER * current.prominence:
            self._rival = None
        elif self._rival is None or self._rival[0] != best.number:
            self._rival = (best.number, time)
        elif time - self._rival[1] >= _TAKE_OVER_AFTER:
            self._front, self._rival = best.number, None
        return self._front


def _likeness(before: Box, now: Box) -> float:
    """Above 0: may be the same face. Overlap, or, for quick movements at few frames a second, nearness at a like size."""
    ratio = math.sqrt(max(now.area, 1.0) / max(before.area, 1.0))
    if not 0.5 < ratio < 2.0:  # noqa: PLR2004  a face does not double its side between two frames
        return 0.0
    (x1, y1), (x2, y2) = before.centre, now.centre
    distance = math.hypot(x2 - x1, y2 - y1) / math.sqrt(max(before.area, 1.0))
    return before.overlap(now) + max(0.0, 0.8 - distance)


def _prominence(track: Track, width: int, height: int, time: float) -> float:
    x, y = track.box.centre
    off_centre = math.hypot((x - width / 2) / width, (y - height / 2) / height)
    centrality = 1.0 - min(0.6, off_centre)
    age = min(1.0, 0.3 + 0.7 * (time - track.born) / _GROWN_UP)
    return math.sqrt(track.box.area) * centrality * age
