"""A camera that OpenCV reads, once it is open: a webcam or one on the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import cv2

from howsitgoing_edge.camera.base import Source
from howsitgoing_edge.camera.picture import fit
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.errors import CameraError

_MOST_DAMAGED: Final = 15
"""In a row; the first pictures of many a webcam are damaged."""


class OpenCvCamera(Source):
    """Frames of an open ``cv2.VideoCapture``, timed when they are grabbed."""

    live = True
    can_freeze = True

    def __init__(
        self,
        capture: cv2.VideoCapture,
        name: str,
        rotate: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes over ``capture``, which is open; ``name`` stands for it in messages."""
        self._capture = capture
        self._name = name
        self._rotate = rotate
        self._clock = clock
        self._time = 0.0
        self._number = -1
        self._damaged = 0
        width, height = (round(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.description = f"{name}, {width}x{height}"

    def grab(self) -> float | None:
        """See `FrameSource.grab`."""
        if not self._capture.grab():
            raise CameraError(f"{self._name} stopped giving pictures")
        self._time = self._clock()
        self._number += 1
        return self._time

    def retrieve(self) -> Frame | None:
        """See `FrameSource.retrieve`."""
        there, image = self._capture.retrieve()
        if there and image is not None and image.size:
            self._damaged = 0
            return Frame(fit(image, self._rotate), self._time, self._number)
        self._damaged += 1
        if self._damaged > _MOST_DAMAGED:
            raise CameraError(f"{self._name} gives nothing but damaged pictures")
        return None

    def close(self) -> None:
        """See `FrameSource.close`."""
        self._capture.release()
