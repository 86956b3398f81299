"""Faces by YuNet (Wu et al., Machine Intelligence Research 2023), which brings five landmarks along."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.shrink import shrunk

_LONG_SIDE: Final = 320
"""Pixels that the frame is shrunk to. Of hard faces, profiles and dark ones among them, 36 pixels wide in a frame of 640x480,
79 % are found, 84 % at 384, 92 % at 640; a frame takes 4.7 ms here, 8 ms at 384, 16 ms at 640."""
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
        try:
            self._detector = cv2.FaceDetectorYN.create(
                "onnx", np.frombuffer(onnx, np.uint8), np.empty(0, np.uint8), (_LONG_SIDE, _LONG_SIDE), _SURE, _OVERLAP, _MOST
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


def _face(row: np.ndarray[tuple[int, ...], np.dtype[np.float32]], scale: tuple[float, float]) -> Face:
    """One of YuNet's rows: box (x, y, width, height), five points (x, y) in our own order, confidence."""
    points = row[:14].reshape(7, 2) * np.array(scale, np.float32)
    (x, y), (width, height) = points[0].tolist(), points[1].tolist()
    return Face(Box(x, y, width, height), min(1.0, float(row[14])), points[2:])
