"""Pictures of the face in front, for people who switched that on: to look at, and for the cloud."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Box, Face, Pixels

_SIDE: Final = 192
"""Pixels, at most"""
_MARGIN: Final = 0.35
"""Of the face's size, on each side"""
_QUALITY: Final = 80
_SAMPLE_SIDE: Final = 160
"""Three times what the network reads: room for a better network, but not for more than the face"""
_SAMPLE_QUALITY: Final = 90
_ENOUGH: Final = 3 * _SAMPLE_SIDE
"""Pixels a side from which a sample can be made as well as from more"""


def face_jpeg(image: Pixels, box: Box) -> bytes:
    """The face at ``box`` of a (H, W, 3) BGR picture with some surroundings, as a JPEG of at most 192 pixels a side."""
    return _encode(_part(image, box), _SIDE, _QUALITY)[0]


def cut_face(image: Pixels, face: Face) -> Pixels:
    """The face with some surroundings, (H, W, 3) BGR, as a copy of its own; of a very large one not every pixel.

    This is all that the thread that looks has to do for a sample.
    """
    part = _part(image, face.box)
    step = max(1, max(part.shape[:2]) // _ENOUGH)
    return part[::step, ::step].copy()


def sample_jpeg(picture: Pixels) -> tuple[bytes, int, int]:
    """What `cut_face` gave as a JPEG of at most 160 pixels a side, without a word about camera or place; width and height."""
    return _encode(picture, _SAMPLE_SIDE, _SAMPLE_QUALITY)


def _part(image: Pixels, box: Box) -> Pixels:
    height, width = image.shape[:2]
    x0, y0 = max(0, int(box.x - _MARGIN * box.width)), max(0, int(box.y - _MARGIN * box.height))
    x1 = min(width, max(x0 + 1, int(box.x + (1 + _MARGIN) * box.width)))
    y1 = min(height, max(y0 + 1, int(box.y + (1 + _MARGIN) * box.height)))
    return image[min(y0, height - 1) : y1, min(x0, width - 1) : x1]


def _encode(part: Pixels, side: int, quality: int) -> tuple[bytes, int, int]:
    scale = min(1.0, side / max(part.shape[:2]))
    if scale < 1:
        part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(encoded).tobytes(), part.shape[1], part.shape[0]
