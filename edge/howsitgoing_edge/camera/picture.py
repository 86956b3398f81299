"""One picture, from a file or off a camera, brought into the form that all of the agent expects."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.errors import SourceError

LONGEST_SIDE: Final = 1920
"""Pixels; more would cost time and memory, and a face that is small even here is too far away to be read."""
_TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_SCAN: Final = 0xDA
_JPEG_END: Final = b"\xff\xd9"


def fit(image: cv2.typing.MatLike, rotate: int = 0) -> Pixels:
    """``image`` as (H, W, 3) BGR uint8, contiguous, turned clockwise by ``rotate`` degrees, at most `LONGEST_SIDE` long."""
    if image.ndim == 2:  # noqa: PLR2004  a gray camera
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    scale = LONGEST_SIDE / max(image.shape[:2])
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if rotate:
        image = cv2.rotate(image, _TURNS[rotate])
    return np.ascontiguousarray(image, dtype=np.uint8)


def read_picture(path: Path, rotate: int = 0) -> Pixels:
    """The picture in ``path``, as `fit` gives it.

    Raises:
        SourceError: it is missing, empty, damaged, cut off, or no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if not data:
        raise SourceError(f"{path} is empty")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if _is_whole(data) else None
    except (cv2.error, MemoryError) as error:
        raise SourceError(f"{path} is too large, or damaged") from error
    if image is None:
        raise SourceError(f"{path} is damaged, cut off, or no picture")
    return fit(image, rotate)


def _is_whole(data: bytes) -> bool:
    """False for a JPEG that breaks off: OpenCV would fill the rest with gray and call it a picture."""
    if not data.startswith(_JPEG):
        return True
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:  # noqa: PLR2004  every segment begins with it
        if data[place + 1] == _JPEG_SCAN:
            return data.find(_JPEG_END, place) >= 0
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return False
