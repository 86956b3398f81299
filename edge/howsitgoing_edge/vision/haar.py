"""Faces by the Haar cascade that comes with OpenCV 4: frontal ones only, no landmarks, nothing to fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.shrink import Scale, around, shrunk

_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
"""Finds the largest face as often as ``default`` does, and in 152 frames no hand, microphone or shadow instead of a face."""
_LONG_SIDE: Final = 320
_STEP: Final = 1.15
_NEIGHBOURS: Final = 3
_SMALLEST: Final = 24
"""Pixels of the shrunk frame: 48 in a frame of 640x480. Steps of 1.15 from here take 10 ms; from 20, or steps of 1.1, half as
much again for one face more in a hundred."""
_NEAR_SIDE, _ROOM = 160, 2.0
"""Pixels of the surroundings of a known face, and how many of its sides they measure"""
_NEAR_SIZES: Final = (48, 112)
"""Pixels: how small and large it may be there; it was 73."""

_WIDTH, _HEIGHT, _DOWN = 0.82, 1.09, 0.03
"""YuNet's box in sides of Haar's square, and how far its middle lies below: medians over 158 readable faces that both find in
photographs and clips. The crop framed by this box is then as large as the one by YuNet's landmarks to within 9 % (standard
deviation), its middle to within 2.5 % of the side; the network of 2026.11.20 names the same emotion in 80 % of these faces."""


class Haar:
    """``cv2.CascadeClassifier`` on a shrunk gray frame; boxes are given as YuNet would."""

    name: Final = "haar"

    def __init__(self) -> None:
        """Load the cascade.

        Raises:
            ModelError: this OpenCV has none, as from version 5 on.
        """
        folder = getattr(getattr(cv2, "data", None), "haarcascades", None)
        path = Path(folder or "") / _CASCADE
        if not hasattr(cv2, "CascadeClassifier") or not path.is_file():
            raise ModelError(
                f"OpenCV {cv2.__version__} has no Haar cascade: run 'howsitgoing models pull yunet', or install opencv below 5"
            )
        self._cascade = cv2.CascadeClassifier(str(path))

    def detect(self, image: Pixels) -> list[Face]:
        """All faces in a (H, W, 3) BGR picture, surest first, in its pixels."""
        small, scale = shrunk(image, _LONG_SIDE)
        return self._search(small, scale, (0, 0), (_SMALLEST, max(small.shape[:2])))

    def near(self, image: Pixels, box: Box) -> list[Face]:
        """The same, around ``box`` alone."""
        return self._search(*around(image, box, _NEAR_SIDE, _ROOM), _NEAR_SIZES)

    def _search(self, part: Pixels, scale: Scale, corner: tuple[int, int], sizes: tuple[int, int]) -> list[Face]:
        gray = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        least, most = ((size, size) for size in sizes)
        squares, votes = self._cascade.detectMultiScale2(gray, _STEP, _NEIGHBOURS, 0, least, most)
        found = zip(np.array(squares).reshape(-1, 4), votes, strict=True)
        return sorted((_face(square, int(count), scale, corner) for square, count in found), key=lambda face: -face.confidence)


def _face(square: np.ndarray[tuple[int, ...], np.dtype[np.int32]], votes: int, scale: Scale, corner: tuple[int, int]) -> Face:
    """``votes``: how many neighbouring windows agreed; a clear face gets some twenty."""
    x, y = (float(square[axis]) * scale[axis] + corner[axis] for axis in (0, 1))
    side = float(square[2]) * scale[0]
    width, height = _WIDTH * side, _HEIGHT * side
    middle = x + 0.5 * side, y + (0.5 + _DOWN) * side
    return Face(Box(middle[0] - width / 2, middle[1] - height / 2, width, height), min(1.0, votes / 20), None)
