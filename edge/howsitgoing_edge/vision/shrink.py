"""Make a frame small enough for a detector."""

from __future__ import annotations

import cv2
import numpy as np

from howsitgoing_edge.core.types import Pixels


def shrunk(image: Pixels, long_side: int) -> tuple[Pixels, tuple[float, float]]:
    """``image`` with a long side of at most ``long_side`` pixels, and how many of its pixels (x, y) one pixel covers now."""
    height, width = image.shape[:2]
    scale = max(width, height) / long_side
    if scale <= 1:
        return image, (1.0, 1.0)
    small = (max(1, round(width / scale)), max(1, round(height / scale)))
    return np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8), (width / small[0], height / small[1])
