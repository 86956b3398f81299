"""Pictures of the face in front: it and its surroundings, small, and nothing besides."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.vision.picture import cut_face, face_jpeg, sample_jpeg


def _frame(width: int, height: int) -> Pixels:
    """Blue grows to the right, green downwards: each place has a colour of its own."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, width, dtype=np.uint8)[None, :]
    image[..., 1] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    return image


def _read(jpeg: bytes) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


CASES = {
    "usual": ((640, 480), Box(200, 100, 120, 150)),
    "small": ((640, 480), Box(300, 200, 36, 36)),
    "at the edge": ((640, 480), Box(-30, -20, 120, 150)),
    "beyond the edge": ((640, 480), Box(700, 500, 50, 50)),
    "whole frame": ((640, 480), Box(0, 0, 640, 480)),
    "very large": ((4096, 3072), Box(500, 200, 2500, 2600)),
    "no size": ((640, 480), Box(10, 10, 0, 0)),
}


@pytest.mark.parametrize(("size", "box"), CASES.values(), ids=CASES.keys())
def test_a_sample_shows_the_face_and_its_surroundings_within_160_pixels(size: tuple[int, int], box: Box) -> None:
    """Whatever a detector says: there is a picture, and its width and height are those that are told."""
    jpeg, width, height = sample_jpeg(cut_face(_frame(*size), Face(box, 0.9)))
    picture = _read(jpeg)
    assert picture.shape == (height, width, 3)
    assert 1 <= max(width, height) <= 160
    assert max(_read(face_jpeg(_frame(*size), box)).shape) <= 192


@pytest.mark.parametrize("case", ["usual", "very large", "whole frame"])
def test_the_middle_of_the_face_is_in_the_middle_of_the_picture(case: str) -> None:
    """A picture of somewhere else would be labelled in vain."""
    (width, height), box = CASES[case]
    picture = _read(sample_jpeg(cut_face(_frame(width, height), Face(box, 0.9)))[0])
    found = picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(float)
    x0, x1 = max(0, box.x - 0.35 * box.width), min(width, box.x + 1.35 * box.width)
    y0, y1 = max(0, box.y - 0.35 * box.height), min(height, box.y + 1.35 * box.height)
    assert found[0] == pytest.approx(255 * (x0 + x1) / 2 / width, abs=6)
    assert found[1] == pytest.approx(255 * (y0 + y1) / 2 / height, abs=6)


def test_the_thread_that_looks_copies_little_even_of_a_very_large_face() -> None:
    """It must not wait for a sample longer than a millisecond; a copy of 27 MB would take ten."""
    size, box = CASES["very large"]
    frame = _frame(*size)
    part = cut_face(frame, Face(box, 0.9))
    assert part.nbytes < 3_000_000
    assert max(part.shape) >= 480
    assert part.base is None, "a copy, not a view: the camera may use the frame's memory again"


def test_a_sample_carries_no_word_about_where_and_with_what_it_was_taken() -> None:
    """People agreed to a picture of a face."""
    jpeg = sample_jpeg(cut_face(_frame(640, 480), Face(CASES["usual"][1], 0.9)))[0]
    assert b"Exif" not in jpeg
    assert jpeg[:4] == b"\xff\xd8\xff\xe0", "the plain JFIF header, then the picture"
