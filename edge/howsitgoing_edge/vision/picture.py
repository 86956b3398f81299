"""Pictures of the face in front, for people who switched that on."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Pixels

_SIDE: Final = 192
_MARGIN: Final = 0.35
"""Of the face's size, on each side"""
_QUALITY: Final = 80


def face_jpeg(image: Pixels, box: Box) -> bytes:
    """The face at ``box`` of a (H, W, 3) BGR picture with some surroundings, as a JPEG of at most 192 pixels a side."""
    height, width = image.shape[:2]
    x0, y0 = max(0, int(box.x - _MARGIN * box.width)), max(0, int(box.y - _MARGIN * box.height))
    x1 = min(width, max(x0 + 1, int(box.x + (1 + _MARGIN) * box.width)))
    y1 = min(height, max(y0 + 1, int(box.y + (1 + _MARGIN) * box.height)))
    part = image[min(y0, height - 1) : y1, min(x0, width - 1) : x1]
    scale = min(1.0, _SIDE / max(part.shape[:2]))
    if scale < 1:
        part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return np.asarray(encoded).tobytes()
