"""The crop shows the same face the same way, wherever, however large and however tilted it is in the frame."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from howsitgoing_edge.core.types import Box, Face, Pixels, Points, Unfit
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision import align
from howsitgoing_edge.vision.align import TEMPLATE
from howsitgoing_edge.vision.crop import take_crop

SETTINGS = VisionSettings()
DEMO_POINTS = np.array([(146, 134), (220, 134), (183, 177), (153, 211), (216, 208)], np.float32)
"""Eyes, nose and mouth of the demo's face in the middle of its first frame, as YuNet finds them."""


@pytest.fixture
def portrait(demo: list[Pixels]) -> Pixels:
    """(360, 360, 3) BGR: a face of 185 pixels."""
    return demo[0][60:420, 140:500].copy()


def face(points: Points) -> Face:
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    return Face(Box(x0, y0, x1 - x0, y1 - y0), 0.9, points)


def moved(image: Pixels, points: Points, scale: float, degrees: float, shift: tuple[float, float]) -> tuple[Pixels, Points]:
    """Picture and points scaled and turned about the face, and shifted, in a frame large enough; without aliasing."""
    middle = points.mean(0)
    matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), degrees, scale)
    side = int(max(image.shape[:2]) * scale * 1.6)
    matrix[:, 2] += side / 2 + np.array(shift) - middle
    smooth = cv2.GaussianBlur(image, (0, 0), 0.5 / scale) if scale < 1 else image
    out = cv2.warpAffine(smooth, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8), (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def apart(a: Pixels, b: Pixels) -> float:
    """Mean difference in standard deviations of the picture."""
    return float(np.abs(a.astype(float) - b).mean() / a.std())


@pytest.mark.parametrize("degrees", [-35, -10, 0, 20])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.9, 3.7])
def test_the_crop_does_not_depend_on_size_tilt_and_place(portrait: Pixels, scale: float, degrees: float) -> None:
    """Leaning back or tilting the head is not a change of expression."""
    still = take_crop(portrait, face(DEMO_POINTS), SETTINGS)
    picture, points = moved(portrait, DEMO_POINTS, scale, degrees, (3.3, -7.7))
    again = take_crop(picture, face(points), SETTINGS)
    assert apart(still.image, again.image) < 0.12
    assert again.quality.size == pytest.approx(still.quality.size * scale, rel=0.01)
    assert again.quality.turned == pytest.approx(still.quality.turned, abs=0.01)
    assert again.quality.unfit is None


def test_eyes_and_mouth_come_to_lie_where_the_network_knows_them(portrait: Pixels) -> None:
    """As in FER2013: the framing it was trained on."""
    place = align.from_face(face(DEMO_POINTS))
    landed = DEMO_POINTS @ place[:, :2].T + place[:, 2]
    assert np.abs(landed[:2] - TEMPLATE[:2]).max() < 1.5
    assert np.abs(landed[3:].mean(0) - TEMPLATE[3:].mean(0)).max() < 1.5
    crop = take_crop(portrait, face(DEMO_POINTS), SETTINGS).image
    assert crop[17:20, 11:16].mean() < crop[24:28, 11:16].mean()  # an eye is darker than the cheek below


def test_a_large_face_is_averaged_not_sampled() -> None:
    """Stripes a pixel wide turn gray; plain warping would make broad bands of them, and wrinkles nobody has."""
    stripes = np.zeros((900, 900, 3), np.uint8)
    stripes[:, ::2] = 255
    points = ((TEMPLATE - 24) * 15.5 + 450).astype(np.float32)
    crop = take_crop(stripes, face(points), SETTINGS)
    assert crop.quality.size > 700
    assert crop.image.std() < 6
    assert crop.image.mean() == pytest.approx(127.5, abs=2)


def test_a_small_face_is_enlarged_without_steps(portrait: Pixels) -> None:
    """Forty pixels of face are worth reading."""
    picture, points = moved(portrait, DEMO_POINTS, 0.24, 0, (0, 0))
    crop = take_crop(picture, face(points), SETTINGS)
    assert 36 < crop.quality.size < 48
    assert apart(take_crop(portrait, face(DEMO_POINTS), SETTINGS).image, crop.image) < 0.25


def test_a_frame_of_another_size_is_read_in_its_own_pixels(portrait: Pixels) -> None:
    """Cameras differ; the crop must not."""
    twice = np.asarray(cv2.resize(portrait, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    crop = take_crop(twice, face(DEMO_POINTS * 2 + 0.5), SETTINGS)
    assert apart(take_crop(portrait, face(DEMO_POINTS), SETTINGS).image, crop.image) < 0.03


def test_a_box_frames_the_face_as_its_landmarks_would(portrait: Pixels) -> None:
    """Haar has no landmarks, but the network is the same."""
    by_points = align.from_face(face(DEMO_POINTS))
    side = align.side_in_frame(by_points)
    middle = np.linalg.inv(by_points[:, :2]) @ (np.array([23.5, 23.5]) - by_points[:, 2])
    height = side / 0.874
    box = Box(middle[0] - 0.4 * height, middle[1] + 0.018 * height - height / 2, 0.8 * height, height)
    by_box = take_crop(portrait, Face(box, 0.5), SETTINGS)
    assert by_box.quality.size == pytest.approx(side, rel=0.02)
    assert by_box.quality.turned == 0
    assert apart(take_crop(portrait, face(DEMO_POINTS), SETTINGS).image, by_box.image) < 0.1


def turned(points: Points, share: float) -> Points:
    """The nose moved sideways by ``share`` of half the distance of the eyes."""
    points = points.copy()
    points[2] += share * (points[1] - points[0]) / 2
    return points


def altered(portrait: Pixels, kind: str) -> tuple[Pixels, Face, VisionSettings]:
    """The demo's face with one fault."""
    points, settings = DEMO_POINTS, SETTINGS
    image: npt.NDArray[np.generic] = portrait
    light = portrait.astype(np.float32)
    match kind:
        case "small":
            image, points = moved(portrait, points, 0.15, 0, (0, 0))
        case "blurred":
            image = np.asarray(cv2.GaussianBlur(portrait, (0, 0), 9))
        case "dark":
            image = light * 0.08
        case "bright":
            image = 225 + light * 0.12
        case "flat":
            image = 120 + light * 0.05
        case "turned":
            points = turned(points, 1.0)
        case "nodding":
            points = points.copy()
            points[2, 1] += 18
        case "cut off":
            image, points = image[:, 190:], points - np.array([190, 0], np.float32)
        case "box cut off":
            box = Box(-90, 60, 190, 230)
            return portrait, Face(box, 0.5), settings
    return np.asarray(np.clip(image, 0, 255), np.uint8), face(points), settings


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("none", None),
        ("small", Unfit.SMALL),
        ("blurred", Unfit.BLURRED),
        ("dark", Unfit.DARK),
        ("bright", Unfit.BRIGHT),
        ("flat", Unfit.FLAT),
        ("turned", Unfit.TURNED),
        ("nodding", Unfit.TURNED),
        ("cut off", Unfit.CUT_OFF),
        ("box cut off", Unfit.CUT_OFF),
    ],
)
def test_a_face_that_cannot_be_read_says_why(portrait: Pixels, kind: str, reason: Unfit | None) -> None:
    """No score is better than a wrong one."""
    image, found, settings = altered(portrait, kind)
    assert take_crop(image, found, settings).quality.unfit == reason


def test_the_limits_are_the_persons_own(portrait: Pixels) -> None:
    """Somebody with a better camera may want to read more, or less."""
    quality = take_crop(portrait, face(DEMO_POINTS), SETTINGS).quality
    strict = SETTINGS.model_copy(update={"min_face": int(quality.size) + 1})
    assert take_crop(portrait, face(DEMO_POINTS), strict).quality.unfit == Unfit.SMALL
    strict = SETTINGS.model_copy(update={"min_sharpness": quality.sharpness * 1.01})
    assert take_crop(portrait, face(DEMO_POINTS), strict).quality.unfit == Unfit.BLURRED
    lenient = SETTINGS.model_copy(update={"max_turned": 1.0})
    assert take_crop(portrait, face(turned(DEMO_POINTS, 1.2)), lenient).quality.unfit is None


def test_turning_counts_alike_to_both_sides_and_under_tilt(portrait: Pixels) -> None:
    """The measure belongs to the face, not to the picture."""
    level = (TEMPLATE * 4).astype(np.float32)
    level[2, 0] = level[[0, 1, 3, 4], 0].mean()
    values = []
    for share in (-0.7, 0.7):
        for degrees in (0, 40):
            _, points = moved(portrait, turned(level, share), 1, degrees, (0, 0))
            values.append(take_crop(portrait, face(points), SETTINGS).quality.turned)
    assert max(values) - min(values) < 0.05
    assert 0.4 < values[0] < 0.6


def test_no_detection_can_break_it() -> None:
    """Detectors give boxes beyond the frame, landmarks in one place, faces larger than the picture; a crop comes of each."""
    rng = np.random.default_rng(7)
    for round_ in range(300):
        height, width = rng.integers(1, 200, 2)
        image: Pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        size = 10 ** rng.uniform(-1, 3.5)
        points: npt.NDArray[np.float32] | None = None
        if round_ % 2:
            points = (rng.normal(0, size, (5, 2)) * (round_ % 5 > 0) + rng.normal(100, 300, 2)).astype(np.float32)
        x, y, w, h = (*rng.normal(0, 300, 2), size, size * rng.uniform(0.3, 2))
        crop = take_crop(image, Face(Box(x, y, w, h), 0.5, points), SETTINGS)
        assert crop.image.shape == (48, 48)
        assert crop.image.dtype == np.uint8
        assert np.isfinite([*replace(crop.quality, unfit=None).__dict__.values()][:-1]).all()
