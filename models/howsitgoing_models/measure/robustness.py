"""What cameras and detectors do to a crop, each at one stated strength; a table, one pure function a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Disturbance:
    """One way to make a crop worse."""

    name: str
    caption: str
    apply: Callable[[Image, np.random.Generator], Image]
    """(48, 48) gray -> (48, 48) gray"""


def _half_size(image: Image, rng: np.random.Generator) -> Image:
    del rng
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _blur(sigma: float) -> Callable[[Image, np.random.Generator], Image]:
    return lambda image, rng: _pixels(cv2.GaussianBlur(image, (0, 0), sigma))  # noqa: ARG005  same form as its neighbours


def _noise(deviation: float) -> Callable[[Image, np.random.Generator], Image]:
    return lambda image, rng: _pixels(image + rng.normal(0, deviation, image.shape))


def _low_light(image: Image, rng: np.random.Generator) -> Image:
    """A third of the light, and the noise of a sensor that has to make do with it."""
    return _pixels(image * 0.3 + rng.normal(0, 4, image.shape))


def _jpeg(image: Image, rng: np.random.Generator) -> Image:
    del rng
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return _pixels(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE))


def _occluded(image: Image, rng: np.random.Generator) -> Image:
    """A gray square over a ninth of the crop, anywhere."""
    out, side = image.copy(), len(image) // 3
    y, x = rng.integers(0, len(image) - side, 2)
    out[y : y + side, x : x + side] = rng.integers(0, 256)
    return out


def _shifted(image: Image, rng: np.random.Generator) -> Image:
    """The box 10 % of its side off, in any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    return _moved(image, 0, 1, 0.1 * len(image) * np.array([np.cos(angle), np.sin(angle)]))


def _rotated(image: Image, rng: np.random.Generator) -> Image:
    return _moved(image, 10 * rng.choice([-1, 1]), 1, np.zeros(2))


def _wider_box(image: Image, rng: np.random.Generator) -> Image:
    del rng
    return _moved(image, 0, 1 / 1.15, np.zeros(2))


def _tighter_box(image: Image, rng: np.random.Generator) -> Image:
    del rng
    return _moved(image, 0, 1.15, np.zeros(2))


def _moved(image: Image, degrees: float, scale: float, shift: npt.NDArray[np.float64]) -> Image:
    middle = (len(image) - 1) / 2
    matrix = np.asarray(cv2.getRotationMatrix2D((middle, middle), degrees, scale), np.float64)
    matrix[:, 2] += shift
    return _pixels(cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _pixels(values: Any) -> Image:  # noqa: ANN401  any array of numbers; OpenCV's own types differ by version
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)


DISTURBANCES: Final = (
    Disturbance("half_size", "face at half the size (24 pixels)", _half_size),
    Disturbance("blur", "moderate blur (sigma 1.2 pixels)", _blur(1.2)),
    Disturbance("strong_blur", "strong blur (sigma 2 pixels)", _blur(2.0)),
    Disturbance("noise", "sensor noise (deviation 12 of 255)", _noise(12)),
    Disturbance("low_light", "a third of the light, noise 4", _low_light),
    Disturbance("jpeg", "JPEG at quality 30", _jpeg),
    Disturbance("occluded", "a ninth of the face covered", _occluded),
    Disturbance("shifted_box", "detection box 10 % off", _shifted),
    Disturbance("rotated", "rotated by 10 degrees", _rotated),
    Disturbance("wider_box", "box 15 % too wide", _wider_box),
    Disturbance("tighter_box", "box 15 % too tight", _tighter_box),
)


def disturbed(images: npt.NDArray[np.uint8], disturbance: Disturbance, seed: int) -> npt.NDArray[np.uint8]:
    """(N, 48, 48) crops, each disturbed; the same seed gives the same result."""
    rng = np.random.default_rng(seed)
    return np.stack([disturbance.apply(image, rng) for image in images])
