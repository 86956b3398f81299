"""Where one face is, it is looked for nearby; whoever joins is noticed all the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from howsitgoing_edge.core.ports import Detector
from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.vision.follow import Follow
from howsitgoing_edge.vision.haar import Haar
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.shrink import around
from howsitgoing_edge.vision.yunet import YuNet

NOTHING = np.zeros((480, 640, 3), np.uint8)


class Counting:
    """Passes on to a detector, and counts the searches of the whole frame."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.name = detector.name
        self.whole = 0

    def detect(self, image: Pixels) -> list[Face]:
        self.whole += 1
        return list(self._detector.detect(image))

    def near(self, image: Pixels, box: Box) -> list[Face]:
        return list(self._detector.near(image, box))


@pytest.fixture(params=["haar", pytest.param("yunet", marks=pytest.mark.shared_data)])
def detector(request: pytest.FixtureRequest) -> Counting:
    if request.param == "haar":
        return Counting(Haar())
    path: Path = request.getfixturevalue("yunet_file")
    return Counting(YuNet(read(YUNET, path)))


def moved(image: Pixels, x: int, y: int) -> Pixels:
    """``image`` shifted, black where nothing is left of it."""
    shift = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return np.asarray(cv2.warpAffine(image, shift, (image.shape[1], image.shape[0])), np.uint8)


def test_one_face_is_found_at_the_same_place_for_less(demo: list[Pixels], detector: Counting) -> None:
    """Boxes and landmarks must not jump whenever the whole frame is searched."""
    follow = Follow(detector)
    (first,) = follow.find(demo[0], 0.0)
    (second,) = follow.find(demo[0], 0.1)
    assert detector.whole == 1
    assert second is not first
    assert second.box.overlap(first.box) > 0.85
    if first.landmarks is not None and second.landmarks is not None:
        assert (
            np.abs(second.landmarks - first.landmarks).max() < 0.06 * first.box.height
        )  # as far as one search is from the next in a frame of twice the size


def test_a_face_that_moves_is_followed_also_to_the_frames_edge(demo: list[Pixels], detector: Counting) -> None:
    """Somebody sways, or the hat does."""
    follow = Follow(detector)
    (before,) = follow.find(demo[0], 0.0)
    for n in range(1, 5):
        (face,) = follow.find(moved(demo[0], -40 * n, -20 * n), n * 0.05)
        assert face.box.centre[0] - before.box.centre[0] == pytest.approx(-40 * n, abs=12)
        assert face.box.centre[1] - before.box.centre[1] == pytest.approx(-20 * n, abs=12)
    assert detector.whole == 1


def test_a_second_face_is_noticed_before_half_a_second_is_over(demo: list[Pixels], detector: Counting) -> None:
    """The count of faces is told, and the one in front may be another."""
    follow = Follow(detector)
    half = np.asarray(cv2.resize(demo[0], (320, 240), interpolation=cv2.INTER_AREA), np.uint8)
    alone, joined = (np.zeros((240, 640, 3), np.uint8) for _ in range(2))
    alone[:, :320], joined[:, :320], joined[:, 320:] = half, half, half
    assert len(follow.find(alone, 10.0)) == 1
    counts = [len(follow.find(joined, 10.0 + 0.1 * n)) for n in range(1, 8)]
    assert counts[4:] == [2, 2, 2]  # two faces are searched for in the whole frame each time


def test_a_face_that_jumped_is_found_in_the_same_frame(demo: list[Pixels], detector: Counting) -> None:
    """Nothing is lost when it isn't nearby any more."""
    follow = Follow(detector)
    frame = np.zeros((480, 1280, 3), np.uint8)
    left, right = frame.copy(), frame.copy()
    left[:, :640], right[:, 640:] = demo[0], demo[0]
    assert len(follow.find(left, 0.0)) == 1
    (face,) = follow.find(right, 0.1)
    assert face.box.centre[0] > 640
    assert detector.whole == 2


def test_nobody_is_looked_for_everywhere(detector: Counting) -> None:
    """Whoever comes may come from anywhere."""
    follow = Follow(detector)
    assert [list(follow.find(NOTHING, n / 10)) for n in range(3)] == [[], [], []]
    assert detector.whole == 3


@pytest.mark.parametrize("again", [5.0, -3.0], ids=["later", "a clip from its beginning"])
def test_time_makes_the_whole_frame_be_searched(demo: list[Pixels], detector: Counting, again: float) -> None:
    """Also when a clip begins anew."""
    follow = Follow(detector)
    follow.find(demo[0], 0.0)
    follow.find(demo[0], again)
    assert detector.whole == 2


@pytest.mark.parametrize(
    "box", [Box(-900, -900, 100, 100), Box(630, 470, 90, 90), Box(3, 3, 0, 0), Box(0, 0, 5000, 5000)], ids=str
)
def test_surroundings_have_one_size_wherever_they_are(box: Box) -> None:
    """Boxes may reach beyond the frame, or lie outside of it."""
    picture, scale, _corner = around(NOTHING, box, 160, 2.0)
    assert picture.shape == (160, 160, 3)
    assert min(scale) > 0
