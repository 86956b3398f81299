"""Make a frame, or what is around a face in it, small enough for a detector."""

from __future__ import annotations

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Pixels

Scale = tuple[float, float]
"""How many of the frame's pixels (x, y) one pixel covers"""


def shrunk(image: Pixels, long_side: int) -> tuple[Pixels, Scale]:
    """``image`` with a long side of at most ``long_side`` pixels, and its scale."""
    height, width = image.shape[:2]
    scale = max(width, height) / long_side
    if scale <= 1:
        return image, (1.0, 1.0)
    small = (max(1, round(width / scale)), max(1, round(height / scale)))
    return np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8), (width / small[0], height / small[1])


def around(image: Pixels, box: Box, side: int, room: float) -> tuple[Pixels, Scale, tuple[int, int]]:
    """The square around ``box`` as (side, side, 3) pixels, its scale, and where in ``image`` its corner (x, y) lies.

    The square is ``room`` times as large as the box. What lies beyond the edge of ``image`` is black.
    """
    height, width = image.shape[:2]
    reach = max(2, round(room * max(box.width, box.height)))
    whole_times = max(1, reach // side)
    reach -= reach % whole_times
    x, y = (round(middle - reach / 2) for middle in box.centre)
    inside = image[max(0, y) : max(0, y + reach), max(0, x) : max(0, x + reach)]
    beyond = max(0, -y), max(0, y + reach - height), max(0, -x), max(0, x + reach - width)
    if not inside.size:
        return np.zeros((side, side, 3), np.uint8), (1.0, 1.0), (x, y)
    part = cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_CONSTANT) if any(beyond) else inside
    if whole_times > 1:  # first by a whole number, which takes a tenth of the time of the mean over parts of pixels
        part = cv2.resize(part, (reach // whole_times, reach // whole_times), interpolation=cv2.INTER_AREA)
    small = np.asarray(cv2.resize(part, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    return small, (reach / side, reach / side), (x, y)
