"""Can this crop be read? Limits that people set are in VisionSettings; those of the camera's exposure are here."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Face, Pixels, Points, Quality, Unfit
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision import align
from howsitgoing_edge.vision.align import CROP_SIDE, TEMPLATE, Matrix

_DARK, _BRIGHT, _FLAT = 0.08, 0.92, 0.04
"""Of FER2013's readable faces, 99 % have a mean brightness of 0.13 to 0.86 and a standard deviation above 0.07."""
_MAX_OUTSIDE: Final = 0.25
"""Share of the crop's square that may lie beyond the frame: hair or chin, but not half a face."""
_STEPS: Final = (np.arange(12) + 0.5) * CROP_SIDE / 12
_GRID: Final = np.stack(np.meshgrid(_STEPS, _STEPS), -1).reshape(-1, 2)
_CORNERS: Final = np.array([(0, 0), (CROP_SIDE, 0), (0, CROP_SIDE), (CROP_SIDE, CROP_SIDE)], np.float64)
_PROFILE: Final = 1.4
"""Half eye distances that the nose's tip stands off the middle when a face counts as a profile. On FER2013's PublicTest the
network of 2026.11.20 agreed with 80 to 82 % of the crowd's majorities where `_turned` is below 0.4, with 73 % up to 0.6, and
with 62 % beyond (3430 faces that YuNet finds)."""
_NOSE_DOWN: Final = float((TEMPLATE[2, 1] - TEMPLATE[:2, 1].mean()) / (TEMPLATE[3:, 1].mean() - TEMPLATE[:2, 1].mean()))
_NOD: Final = 0.4
"""Nose's place between the eyes' line (0) and the mouth's (1) on a level face, and how far it moves until a nod hides the face.
In FER2013 it is 0.42 to 0.66 for 98 % of the faces."""


def judge(crop: Pixels, face: Face, place: Matrix, frame: tuple[int, int], settings: VisionSettings) -> Quality:
    """Measure a crop.

    Args:
        crop: (48, 48) gray.
        face: what it was taken from.
        place: where it was taken.
        frame: the frame's (width, height).
        settings: limits.
    """
    brightness, contrast = _spread(crop)
    size, turned = align.side_in_frame(place), _turned(face.landmarks)
    sharpness = _spread(cv2.Laplacian(crop, cv2.CV_32F))[1] ** 2 / max(contrast**2, 1e-6)
    faults = {
        Unfit.CUT_OFF: _outside(place, face.landmarks, frame),
        Unfit.SMALL: size < settings.min_face,
        Unfit.DARK: brightness < _DARK,
        Unfit.BRIGHT: brightness > _BRIGHT,
        Unfit.FLAT: contrast < _FLAT,
        Unfit.BLURRED: sharpness < settings.min_sharpness,
        Unfit.TURNED: turned > settings.max_turned,
    }
    unfit = next((reason for reason, found in faults.items() if found), None)
    return Quality(size, sharpness, brightness, contrast, turned, unfit)


def _spread(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, of gray values from 0 to 1; by OpenCV, since NumPy's take longer for so few."""
    mean, deviation = cv2.meanStdDev(values)
    return float(mean[0, 0]) / 255, float(deviation[0, 0]) / 255


def _turned(points: Points | None) -> float:
    """How far the nose stands off the middle of the face, 0 to 1.

    Sideways its tip stands about 0.9 tan(yaw) half eye distances off, for a nose that stands out nearly as far as that; up and
    down it is the nose's place between eyes and mouth that counts.
    """
    if points is None:
        return 0.0
    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    down, across = mouth - eyes, (points[1] - points[0]) / 2
    half_width, length = float(np.hypot(*across)), float(np.hypot(*down))
    if min(half_width, length) < 1:
        return 1.0
    along = float((points[2] - eyes) @ down) / length**2
    beside = float((points[2] - eyes - along * down) @ across) / half_width**2
    return min(1.0, max(abs(beside) / _PROFILE, abs(along - _NOSE_DOWN) / _NOD))


def _outside(place: Matrix, points: Points | None, frame: tuple[int, int]) -> bool:
    """True where too much of the square, or any landmark, lies beyond the frame."""
    edge = np.array(frame, np.float64)
    if points is not None and bool(((points < 0) | (points >= edge)).any()):
        return True
    to_frame = np.linalg.inv(place[:, :2]).T
    if not _beyond((_CORNERS - place[:, 2]) @ to_frame, edge).any():
        return False
    return float(_beyond((_GRID - place[:, 2]) @ to_frame, edge).mean()) > _MAX_OUTSIDE


def _beyond(points: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """For each of (N, 2) points whether it lies outside the frame."""
    return np.asarray(((points < 0) | (points >= edge)).any(1))
