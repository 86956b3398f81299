"""How much the person in front moves the mouth to and fro, as in talking.

A talking mouth goes to and fro; a smile goes one way and stays. So the way that the mouth went within the last moments is
compared with how far it got: only what is left of the difference counts. See docs/adr/0007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.vision.align import CROP_SIDE

_WINDOW: Final = 0.8
"""Seconds that are looked at: two or three syllables."""
_STEP: Final = 0.09
"""Seconds between two looks, at least: nearer ones differ by noise alone."""
_FORGET: Final = 1.5
"""Seconds without a look after which all begins anew."""
_FEWEST: Final = 3
"""Looks within which a to and fro can be seen ..."""
_ENOUGH, _LONGEST = 5, 2.5
"""... and that are kept for it at few frames a second, beyond the window, for at most so many seconds."""
_WAY_OUT: Final = 1.2
"""Of the distance between first and last look: what is subtracted from the way between them."""
_TALK: Final = 0.15
"""Change of the mouth from look to look that counts as 1, in standard deviations of the face's brightness."""
_EYES: Final = 1.2
"""Of the change of eyes and brows: what is subtracted from that of the mouth. Noise, blur and turning change both."""

_MOUTH: Final = (slice(31, 46), slice(12, 36))
_UPPER: Final = (slice(9, 29), slice(8, 38))
"""Rows and columns of the crop. The upper part holds still in talking; both pictures are laid upon each other by it."""
_FACE: Final = (slice(8, 46), slice(8, 40))
_MIDDLE: Final = (23.0, 20.0)
_REACH: Final = 12.0
"""Pixels from the middle at which one unit of turning or scaling moves one pixel; keeps the four unknowns alike in size."""

Look = npt.NDArray[np.float32]
"""(48, 48) a crop without its light: shades wider than a few pixels taken away, contrast 1."""


@dataclass(frozen=True, eq=False)
class _Seen:
    time: float
    look: Look
    way: float
    """Change since the look before"""


class MouthMotion:
    """Follows one mouth at a time. Used by one thread; 0.3 ms a frame here."""

    def __init__(self) -> None:
        """Has seen nothing yet."""
        self._track: int | None = None
        self._seen: list[_Seen] = []
        self._motion = 0.0

    def update(self, crop: Pixels, time: float, track: int) -> float:
        """How much the mouth goes to and fro: 0 still or changing once, about 1 and more talking.

        Measured at 10 frames a second, medians: a man who raps 1.4, mouths opened by a warp at 3 to 5 syllables a second 0.7,
        people who tilt their heads 0.01, the demo clip with all its changes of expression 0.01 (at most 0.1). The first
        quarter of a second of talking looks like any other change.

        Args:
            crop: (48, 48) gray, aligned.
            time: seconds, of the frame.
            track: number of the face; another one begins anew.
        """
        last = self._seen[-1].time if self._seen else time
        if track != self._track or not 0 <= time - last <= _FORGET:
            self._track, self._seen, self._motion = track, [], 0.0
        if self._seen and time - last < _STEP - 1e-6:
            return self._motion
        look = _without_light(crop)
        self._seen.append(_Seen(time, look, _change(look, self._seen[-1].look) if self._seen else 0.0))
        while len(self._seen) > _FEWEST and time - self._seen[1].time >= (_WINDOW if len(self._seen) > _ENOUGH else _LONGEST):
            del self._seen[0]
        if len(self._seen) >= _FEWEST:
            way = sum(seen.way for seen in self._seen[1:])
            out = _change(look, self._seen[0].look)
            self._motion = max(0.0, way - _WAY_OUT * out) / (len(self._seen) - 2) / _TALK
        return self._motion


def _without_light(crop: Pixels) -> Look:
    fine = np.asarray(cv2.GaussianBlur(crop.astype(np.float32), (0, 0), 1), np.float32)
    shades = fine - np.asarray(cv2.GaussianBlur(fine, (0, 0), 7), np.float32)
    return shades / np.float32(max(float(shades[_FACE].std()), 3.0))


def _change(now: Look, before: Look) -> float:
    """How much the mouth differs between two looks, beyond what eyes and brows do."""
    apart = np.abs(now - _laid_upon(now, before))
    return max(0.0, float(apart[_MOUTH].mean()) - _EYES * float(apart[_UPPER].mean()))


def _laid_upon(now: Look, before: Look) -> Look:
    """``before``, moved so that its upper part fits that of ``now``: two Gauss-Newton steps over shift, scale and turn."""
    placed, moved = np.eye(3), before
    for _ in range(2):
        shift = _step(now, moved)
        placed = placed @ shift
        way = placed[:2].astype(np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(before, way, (CROP_SIDE, CROP_SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        moved = np.asarray(warped, np.float32)
    return moved


def _step(now: Look, moved: Look) -> npt.NDArray[np.float64]:
    """(3, 3): where to look in ``moved`` for each pixel of ``now``, by the upper part's slopes."""
    dx = cv2.Sobel(moved, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)[_UPPER].ravel()
    dy = cv2.Sobel(moved, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)[_UPPER].ravel()
    slopes = np.stack([dx, dy, dx * _X + dy * _Y, dy * _X - dx * _Y], 1)
    apart = (now - moved)[_UPPER].ravel()
    found = np.linalg.solve(slopes.T @ slopes + 2 * np.eye(4), slopes.T @ apart)  # the 2 keeps a blank face in its place
    right, down, scale, turn = np.clip(found.astype(np.float64), -2, 2) / (1, 1, _REACH, _REACH)
    x, y = _MIDDLE
    return np.array(
        [[1 + scale, -turn, right - scale * x + turn * y], [turn, 1 + scale, down - turn * x - scale * y], [0, 0, 1]],
        np.float64,
    )


_ROWS, _COLUMNS = np.mgrid[_UPPER].astype(np.float32)
_X: Final = (_COLUMNS.ravel() - np.float32(_MIDDLE[0])) / np.float32(_REACH)
_Y: Final = (_ROWS.ravel() - np.float32(_MIDDLE[1])) / np.float32(_REACH)
