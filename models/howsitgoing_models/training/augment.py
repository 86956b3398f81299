"""Vary a crop as cameras, detectors and light vary it; and make parts without a readable face."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.parameters import Augment
from howsitgoing_models.training.mouth import open_mouth

_EVEN_CHANCE, _TILES = 0.5, 2
Image = npt.NDArray[np.uint8]


def vary(image: Image, settings: Augment, rng: np.random.Generator) -> Image:
    """One variation of a (48, 48) gray crop."""
    out = _place(image, settings, rng)
    if rng.random() < settings.shrink_chance:
        small = int(rng.integers(16, 40))
        out = _pixels(cv2.resize(cv2.resize(out, (small, small), interpolation=cv2.INTER_AREA), out.shape[::-1]))
    if rng.random() < settings.blur_chance:
        out = _pixels(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.4)))
    values = out.astype(np.float32)
    mean = float(values.mean())
    gain = float(np.exp(rng.normal(0, settings.contrast)))
    values = (values - mean) * gain + mean + 255 * rng.normal(0, settings.brightness)
    if rng.random() < settings.noise_chance:
        values += rng.normal(0, rng.uniform(2, 14), values.shape)
    if rng.random() < settings.erase_chance:
        _erase(values, rng)
    return _pixels(values)


def talking(image: Image, points: npt.NDArray[np.float32], rng: np.random.Generator) -> Image:
    """The crop with its mouth opened by a random amount."""
    return open_mouth(image, points, rng.uniform(0.12, 0.5), rng.uniform(0, 0.9) * (rng.random() < _EVEN_CHANCE))


def no_face(image: Image, rng: np.random.Generator) -> Image:
    """A (48, 48) crop that nobody could read, made of a face: a piece of it, shuffled, upside down, or texture."""
    side = len(image)
    kind = rng.integers(4)
    if kind == 0:  # a quarter to a third of the side, from anywhere
        part = int(rng.integers(side // 5, side // 3))
        y, x = rng.integers(0, side - part, 2)
        return _pixels(cv2.resize(image[y : y + part, x : x + part], (side, side), interpolation=cv2.INTER_CUBIC))
    if kind == 1:  # mostly beside the face
        shift = rng.uniform(0.55, 0.8, 2) * rng.choice([-1, 1], 2) * side
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1] * rng.integers(0, 2)]])
        return _pixels(cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REFLECT))
    if kind == _TILES:  # tiles in another order
        tiles = image.reshape(4, side // 4, 4, side // 4).swapaxes(1, 2).reshape(16, side // 4, side // 4)
        mixed = tiles[rng.permutation(16)].reshape(4, 4, side // 4, side // 4).swapaxes(1, 2)
        return _pixels(cv2.GaussianBlur(np.ascontiguousarray(mixed.reshape(side, side)), (0, 0), 0.7))
    # smooth noise at a random scale, with the face's own range of brightness
    grain = int(rng.integers(3, 25))
    noise = rng.uniform(float(image.min()), float(image.max()), (grain, grain)).astype(np.float32)
    return _pixels(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC))


def _place(image: Image, settings: Augment, rng: np.random.Generator) -> Image:
    side = len(image)
    scale = float(np.exp(np.clip(rng.normal(0, settings.scale), -0.4, 0.4)))
    middle = (side - 1) / 2
    matrix = np.asarray(cv2.getRotationMatrix2D((middle, middle), rng.normal(0, settings.rotate_degrees), scale), np.float64)
    matrix[:, 2] += rng.normal(0, settings.shift * side, 2)
    if rng.random() < _EVEN_CHANCE:
        image = image[:, ::-1]
    return _pixels(cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _erase(values: npt.NDArray[np.float32], rng: np.random.Generator) -> None:
    side = len(values)
    height, width = rng.integers(side // 8, side // 3, 2)
    y, x = rng.integers(0, side - height), rng.integers(0, side - width)
    values[y : y + height, x : x + width] = rng.uniform(0, 255)


def _pixels(values: Any) -> Image:  # noqa: ANN401  any array of numbers; OpenCV's own types differ by version
    return np.asarray(np.clip(values, 0, 255), np.uint8)
