"""Faces by YuNet (Wu et al., Machine Intelligence Research 2023), which brings five landmarks along."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.shrink import Scale, around, shrunk

_LONG_SIDE: Final = 320
"""Pixels that the frame is shrunk to. Of hard faces, profiles and dark ones among them, 36 pixels wide in a frame of 640x480,
79 % are found, 84 % at 384, 92 % at 640; a frame takes 4.7 ms here, 8 ms at 384, 16 ms at 640."""
_NEAR_SIDE, _ROOM = 128, 1.6
"""Pixels of the surroundings of a known face, and how many of its sides they measure: between two frames it may move by 0.3 of
its size. It is found in less than half the time, and its eyes lie as near as the whole frame's to those of a search at 640
pixels: 2.4 % of the face's height at the median, 5.2 % at the 95th percentile (2.9 and 6.2). Wider surroundings in as many
pixels blur it: with 2 sides, 91 % of the benchmark's changes are told in place of 94 %."""
_SURE: Final = 0.62
"""Confidence below which nothing counts as a face; hands and microphones reach 0.6."""
_LEAST_SIDE: Final = 64
"""Pixels: of a picture with a side of 32 or less OpenCV 4.14 makes faces out of memory that nobody has filled."""
_OVERLAP: Final = 0.3
_MOST: Final = 50


class YuNet:
    """``cv2.FaceDetectorYN`` on a shrunk frame."""

    name: Final = "yunet"

    def __init__(self, onnx: bytes) -> None:
        """Load the network from the verified bytes of its file.

        Raises:
            ModelError: OpenCV cannot read it.
        """
        nothing, network = np.empty(0, np.uint8), np.frombuffer(onnx, np.uint8)
        try:  # one for each size: a change of size costs as much as a search
            self._detector, self._near = (
                cv2.FaceDetectorYN.create("onnx", network, nothing, (side, side), _SURE, _OVERLAP, _MOST)
                for side in (_LONG_SIDE, _NEAR_SIDE)
            )
        except cv2.error as error:
            raise ModelError(f"OpenCV {cv2.__version__} cannot read YuNet ({error.err}): install a newer OpenCV 4") from error

    def detect(self, image: Pixels) -> list[Face]:
        """All faces in a (H, W, 3) BGR picture, surest first, in its pixels."""
        small, scale = shrunk(image, _LONG_SIDE)
        missing = [max(0, _LEAST_SIDE - side) for side in small.shape[:2]]
        if any(missing):
            small = np.asarray(cv2.copyMakeBorder(small, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT), np.uint8)
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._detector.detect(small)
        return [] if rows is None else [_face(row, scale) for row in rows]

    def near(self, image: Pixels, box: Box) -> list[Face]:
        """The same, around ``box`` alone."""
        surroundings, scale, corner = around(image, box, _NEAR_SIDE, _ROOM)
        _, rows = self._near.detect(surroundings)
        return [] if rows is None else [_face(row, scale, corner) for row in rows]


def _face(row: np.ndarray[tuple[int, ...], np.dtype[np.float32]], scale: Scale, corner: tuple[int, int] = (0, 0)) -> Face:
    """One of YuNet's rows: box (x, y, width, height), five points (x, y) in our own order, confidence."""
    points = row[:14].reshape(7, 2) * np.array(scale, np.float32)
    points[[0, 2, 3, 4, 5, 6]] += np.array(corner, np.float32)
    (x, y), (width, height) = points[0].tolist(), points[1].tolist()
    return Face(Box(x, y, width, height), min(1.0, float(row[14])), points[2:])
