"""Pictures that carry their own number, readable after lossy compression, and files made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from howsitgoing_edge.core.types import Pixels

BITS = 8
BLOCK = 40


def numbered(number: int) -> Pixels:
    """A (240, 320, 3) picture that shows ``number`` (0 to 255) as a row of black and white blocks."""
    image = np.full((240, 320, 3), 90, np.uint8)
    for bit in range(BITS):
        image[100:140, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (number >> bit & 1)
    return image


def number_in(image: Pixels) -> int:
    """The number that `numbered` put into ``image``, of whatever size."""
    row = cv2.resize(image, (320, 240))[110:130].mean(axis=(0, 2))
    return sum(int(row[bit * BLOCK + 10 : bit * BLOCK + 30].mean() > 127) << bit for bit in range(BITS))


def write_film(path: Path, frames: int, fps: float, codec: str = "mp4v") -> Path:
    """A film of numbered pictures."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (320, 240))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(numbered(number))
    writer.release()
    return path


def write_gif(path: Path, durations: Sequence[int]) -> Path:
    """A GIF of numbered pictures, each shown for so many milliseconds."""
    animation = cv2.Animation()
    animation.frames = [numbered(number) for number in range(len(durations))]
    animation.durations = list(durations)
    assert cv2.imwriteanimation(str(path), animation)
    return path


def write_picture(path: Path, number: int) -> Path:
    """One numbered picture; the suffix says in which format."""
    assert cv2.imwrite(str(path), numbered(number))
    return path
