"""Search the whole frame now and then; in between, only where the one face was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from howsitgoing_edge.core.ports import Detector
from howsitgoing_edge.core.types import Box, Face, Pixels

_WHOLE_EVERY: Final = 0.4
"""Seconds; whoever joins is noticed after that at the latest, which is less than the choice of the face in front waits."""


class Follow:
    """A `core.ports.FaceFinder` on a detector. A second face, a lost one, or time passing makes it search the whole frame."""

    def __init__(self, detector: Detector) -> None:
        """Nobody is known yet."""
        self._detector = detector
        self.reset()

    def reset(self) -> None:
        """Forget where the face was."""
        self._alone: Box | None = None
        self._whole_at = 0.0

    def find(self, image: Pixels, time: float) -> Sequence[Face]:
        """All faces in a (H, W, 3) BGR picture of ``time`` in seconds, in its pixels."""
        if self._alone is not None and 0 <= time - self._whole_at < _WHOLE_EVERY:
            near = self._detector.near(image, self._alone)
            if len(near) == 1:
                self._alone = near[0].box
                return near
        faces = self._detector.detect(image)
        self._alone = faces[0].box if len(faces) == 1 else None
        self._whole_at = time
        return faces
