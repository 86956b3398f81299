"""A film or a GIF from a file, by OpenCV's ffmpeg."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import cv2

from howsitgoing_edge.camera.picture import fit
from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.errors import SourceError

log = logging.getLogger(__name__)

DEFAULT_FPS: Final = 25.0
"""For files that do not say."""
_HIGHEST_FPS: Final = 240.0
_COMPLETE: Final = 0.9
"""Share of the announced frames; some containers only estimate their number."""


class VideoClip:
    """A film or GIF as a clip. Its times are those written in the file."""

    def __init__(self, path: Path, rotate: int = 0, name: str = "") -> None:
        """Opens ``path``; ``name`` stands for it in messages.

        Raises:
            SourceError: it is empty, damaged, cut off before its first picture, or no film.
        """
        self._path = path
        self._name = name or str(path)
        self._rotate = rotate
        self._capture = cv2.VideoCapture()
        self._told = False
        self.rewind()
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._fps = fps if 0 < fps <= _HIGHEST_FPS else DEFAULT_FPS
        self._announced = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        width, height = (round(self._capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.description = f"{self._name}, {width}x{height}"

    def rewind(self) -> None:
        """Opens the file anew: seeking is inexact, and in GIFs impossible."""
        self._capture.open(str(self._path), cv2.CAP_FFMPEG)
        self._first_waits = self._capture.isOpened() and self._capture.grab()
        if not self._first_waits:
            self._capture.release()
            raise SourceError(f"{self._name} is damaged, cut off, or no film or picture that can be read")
        self._grabbed = 0
        self._time = 0.0

    def grab(self) -> float | None:
        """See `Clip.grab`."""
        if not self._first_waits and not self._capture.grab():
            self._say_if_cut_off()
            return None
        self._first_waits = False
        written = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Streams without times, or with broken ones, are given those that their frame rate makes.
        self._time = written if self._grabbed == 0 or written > self._time else self._time + 1 / self._fps
        self._grabbed += 1
        return self._time

    def retrieve(self) -> Pixels | None:
        """See `Clip.retrieve`."""
        there, image = self._capture.retrieve()
        return fit(image, self._rotate) if there else None

    def close(self) -> None:
        """See `Clip.close`."""
        self._capture.release()

    def _say_if_cut_off(self) -> None:
        if not self._told and self._grabbed < _COMPLETE * self._announced:
            log.warning("%s is cut off: %d of %d frames could be read", self._name, self._grabbed, self._announced)
        self._told = True
