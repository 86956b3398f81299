"""A small data set of drawn-up faces: the golden averages, varied, with the votes that people would give them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import howsitgoing_models
from howsitgoing_models.labels import EMOTIONS, FER2013_TO_CONTRACT
from howsitgoing_models.parameters import Augment
from howsitgoing_models.training.augment import vary

FOLDER = Path(howsitgoing_models.__file__).parent / "released" / "golden"
FERPLUS = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear")
"""FER+'s own order of its first seven columns."""


def golden_faces() -> np.ndarray:
    """(7, 48, 48) one face an emotion, in the contract's order."""
    return np.stack([cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_GRAYSCALE) for name in EMOTIONS])


def write_npz(path: Path, per_emotion: int, *, test_per_emotion: int = 10, seed: int = 1) -> Path:
    """A file in the form of fer2013.npz: split 0 to learn from, split 1 to measure on."""
    rng = np.random.default_rng(seed)
    mild = Augment(rotate_degrees=4, scale=0.05, shift=0.02, erase_chance=0, shrink_chance=0)
    images, emotions, split = [], [], []
    for part, number in ((0, per_emotion), (1, test_per_emotion)):
        for place, face in enumerate(golden_faces()):
            images += [vary(face, mild, rng) for _ in range(number)]
            emotions += [place] * number
            split += [part] * number
    votes = np.zeros((len(images), 10), np.uint8)
    columns = np.array([FERPLUS.index(name) for name in EMOTIONS])
    votes[np.arange(len(images)), columns[emotions]] = 8
    votes[:, 8] = 2  # two of ten can't tell
    np.savez_compressed(
        path,
        images=np.stack(images),
        labels=np.argsort(FER2013_TO_CONTRACT)[emotions].astype(np.uint8),
        split=np.array(split, np.uint8),
        votes=votes,
        dup_group=np.full(len(images), -1),
    )
    return path
