"""A mouth that talks, drawn into a frame: not by the warp that the network was trained with, so it cannot know the trick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from howsitgoing_edge.core.types import Pixels, Points

_WIDEST: Final = 0.5
"""Opening of the loudest vowel, in widths of the mouth"""


@dataclass(frozen=True)
class Shape:
    """A mouth at one moment."""

    opening: float
    """0 closed to 1 wide open"""
    rounding: float
    """-1 drawn wide, as in "ee", to 1 round, as in "oo\""""


@dataclass(frozen=True)
class _Syllable:
    begin: float
    seconds: float
    loud: float
    rounding: float


class Speech:
    """What a mouth does while somebody talks: 3 to 6 syllables a second, no two alike, and a pause after each phrase."""

    def __init__(self, seconds: float, rng: np.random.Generator) -> None:
        """Draws ``seconds`` of it."""
        self._syllables: list[_Syllable] = []
        now, left = float(rng.uniform(0.3, 0.8)), int(rng.integers(5, 14))
        while now < seconds:
            lasts = float(rng.uniform(0.16, 0.32))
            self._syllables.append(_Syllable(now, lasts, float(rng.uniform(0.15, 1.0)), float(rng.uniform(-0.8, 1.0))))
            now += lasts
            left -= 1
            if left == 0:
                now, left = now + float(rng.uniform(0.3, 1.2)), int(rng.integers(5, 14))

    def at(self, time: float) -> Shape:
        """The mouth at ``time``."""
        for syllable in self._syllables:
            if syllable.begin <= time < syllable.begin + syllable.seconds:
                way = float(np.sin(np.pi * (time - syllable.begin) / syllable.seconds))
                return Shape(syllable.loud * way**2, syllable.rounding * way)
        return Shape(0.0, 0.0)


def speak(frame: Pixels, landmarks: Points, shape: Shape) -> Pixels:
    """``frame`` with the mouth of the face at ``landmarks`` (5, 2) in this shape; the face's own mouth should be closed."""
    if shape.opening < 0.05 and abs(shape.rounding) < 0.05:
        return frame
    right, left = landmarks[3], landmarks[4]
    width = float(np.hypot(*(left - right)))
    (x, y), reach = (right + left) / 2, 1.3 * width
    x0, y0 = max(0, int(x - reach)), max(0, int(y - 0.6 * width))
    part = frame[y0 : int(y + reach), x0 : int(x + reach)]
    down, across = np.mgrid[0 : part.shape[0], 0 : part.shape[1]].astype(np.float32)
    u, v = (across + x0 - x) / width, (down + y0 - y) / width
    gap = np.float32(_WIDEST * shape.opening) * np.clip(1 - (u / 0.75) ** 2, 0, 1)
    near = np.exp(-((u / 0.6) ** 2) - (np.clip(v, 0, None) / 0.9) ** 2 - (np.clip(v, None, 0) / 0.35) ** 2)
    drop = np.where(v > 0, np.minimum(v, gap), -0.2 * gap * near)  # the jaw goes down, the upper lip up a little
    fades = np.clip((1.25 - v) / 0.5, 0, 1)  # towards the neck nothing moves
    from_u, from_v = u * (1 + 0.3 * shape.rounding * near), v - drop * fades
    moved = cv2.remap(
        part,
        (from_u * width + x - x0).astype(np.float32),
        (from_v * width + y - y0).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    half = max(1e-3, _WIDEST * shape.opening / 2)
    wide = 0.36 * (1 - 0.35 * shape.rounding)
    inside = min(1.0, shape.opening / 0.2) * np.clip(3 * (1 - np.hypot(u / wide, (v - half) / half)), 0, 1)[..., None]
    dark = 0.3 * np.median(part.reshape(-1, 3), axis=0)
    teeth = np.clip(1.5 - 6 * v / (2 * half), 0, 1)[..., None] * 0.7
    tongue = np.clip(6 * v / (2 * half) - 4.5, 0, 1)[..., None] * 0.4
    colour = dark * (1 - teeth - tongue) + np.array((190, 200, 210)) * teeth + np.array((70, 70, 150)) * tongue
    spoken = frame.copy()
    spoken[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = np.clip(moved * (1 - inside) + colour * inside, 0, 255)
    return spoken
