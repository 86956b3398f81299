"""Lessons of larger networks: what an ensemble says of each training image, computed once and kept (Hinton et al., 2015)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import Logits, softmax

Distribution = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Lessons:
    """Mean shares of the teachers, one row an image."""

    crowd: Distribution
    """(N, 8)"""
    fer2013: Distribution
    """(N, 7)"""

    def take(self, rows: npt.NDArray[np.intp]) -> Lessons:
        """The lessons for the images at ``rows``."""
        return Lessons(self.crowd[rows], self.fer2013[rows])


def averaged(logits: Sequence[tuple[Logits, Logits]], temperature: float) -> Lessons:
    """The mean of several networks' (or views') shares.

    Args:
        logits: crowd (N, 8) and fer2013 (N, 7) logits of each.
        temperature: above 1, the lessons tell more of what else a face could be.
    """
    crowd, fer2013 = zip(*logits, strict=True)
    return Lessons(_mean_shares(crowd, temperature), _mean_shares(fer2013, temperature))


def mixed(own: Distribution, taught: Distribution, weight: float) -> Distribution:
    """(N, C) targets: ``weight`` of the lesson, the rest of the image's own labels, where it has any."""
    labelled = own.sum(1, keepdims=True) > 0
    return np.where(labelled, (1 - weight) * own + weight * taught, taught).astype(np.float32)


def save(path: Path, lessons: Lessons, images: npt.NDArray[np.uint8]) -> None:
    """Keep ``lessons`` of ``images`` (N, 48, 48) in a .npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path.with_suffix(".npz"), crowd=lessons.crowd, fer2013=lessons.fer2013, digest=_digest(images))


def load(path: Path, images: npt.NDArray[np.uint8]) -> Lessons:
    """The lessons that `save` kept of these very ``images``.

    Raises:
        DataError: the file is missing or broken, or was made of other images.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            lessons, digest = Lessons(archive["crowd"], archive["fer2013"]), str(archive["digest"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} holds no lessons ({error}): 'teach' writes them") from error
    if digest != _digest(images):
        raise DataError(f"{path} was made of other images: 'teach' it again with the same --data")
    return lessons


def _mean_shares(logits: Sequence[Logits], temperature: float) -> Distribution:
    return np.asarray(np.mean([softmax(each / temperature) for each in logits], axis=0), np.float32)


def _digest(images: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(images.tobytes()).hexdigest()
