"""Take one face out of a frame as the network wants it, and judge whether it can be read."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Crop, Face, Pixels
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision import align, quality
from howsitgoing_edge.vision.align import CROP_SIDE, Matrix

_FINE: Final = 2 * CROP_SIDE
"""The face is first laid out at twice the crop's size and then halved, so that nothing is blurred or aliased on the way."""


def take_crop(image: Pixels, face: Face, settings: VisionSettings) -> Crop:
    """The face as a gray picture with level eyes, and its quality.

    Args:
        image: (H, W, 3) BGR, the frame that ``face`` was found in.
        face: with landmarks the crop is aligned by them, else framed by the box.
        settings: the limits of what is fit to be read.

    Returns:
        A (48, 48) uint8 gray crop; beyond the frame's edge its last pixels are repeated. ``quality.unfit`` says why it
        should not be read, or None.
    """
    place = align.from_face(face)
    pixels = _sample(image, place)
    return Crop(pixels, quality.judge(pixels, face, place, (image.shape[1], image.shape[0]), settings))


def _sample(image: Pixels, place: Matrix) -> Pixels:
    """The (48, 48) gray picture at ``place``; each of its pixels is the mean of what it covers in the frame."""
    x0, y0, x1, y1 = _around(place, image.shape[1], image.shape[0])
    part = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY)
    shrink = max(1.0, align.side_in_frame(place) / _FINE)
    width, height = max(1, round((x1 - x0) / shrink)), max(1, round((y1 - y0) / shrink))
    if shrink > 1:
        part = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    # Pixel i covers [i, i + 1) at either size, and coordinates name its middle, hence the halves.
    step = np.array([(x1 - x0) / width, (y1 - y0) / height])
    to_frame = np.array([[step[0], 0, x0 + step[0] / 2 - 0.5], [0, step[1], y0 + step[1] / 2 - 0.5], [0, 0, 1]])
    to_fine = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]]) @ np.vstack([place, (0, 0, 1)])
    way = (to_fine @ to_frame)[:2]
    fine = cv2.warpAffine(part, way, (_FINE, _FINE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(fine, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _around(place: Matrix, width: int, height: int) -> tuple[int, int, int, int]:
    """The upright part of the frame (left, top, right, bottom) that holds the crop's square; never empty."""
    corners = np.array([(0, 0), (CROP_SIDE, 0), (0, CROP_SIDE), (CROP_SIDE, CROP_SIDE)]) - 0.5
    found = (corners - place[:, 2]) @ np.linalg.inv(place[:, :2]).T
    margin = 2 + 2 * align.side_in_frame(place) / _FINE
    left, top = np.floor(found.min(0) - margin).astype(int)
    right, bottom = np.ceil(found.max(0) + margin).astype(int)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)
