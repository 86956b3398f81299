"""One data set in memory, and the splits made of it."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS, Targets, from_fer

TRAINING, PUBLIC_TEST = 0, 1
VALIDATION, LEARNING = 3, 4
"""Of a data set that says itself what to choose by, since nobody in it may be in two splits: all of the rest is learnt from"""


@dataclass(frozen=True)
class Faces:
    """Gray crops with their targets."""

    images: npt.NDArray[np.uint8]
    """(N, 48, 48) gray pixels."""
    targets: Targets

    def __len__(self) -> int:
        """How many images."""
        return len(self.images)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Faces:
        """The images at ``rows`` (indices or a mask), targets with them."""
        parts = {f.name: getattr(self.targets, f.name)[rows] for f in fields(Targets)}
        return Faces(self.images[rows], Targets(**parts))


@dataclass(frozen=True)
class Splits:
    """Rows for learning, for choosing and for the published figures; no image stands in two of them."""

    train: npt.NDArray[np.intp]
    choose: npt.NDArray[np.intp]
    public_test: npt.NDArray[np.intp]
    dropped_twins: int
    """Training images left out because an identical one stands in another split."""
    dropped_near_twins: int = 0
    """Likewise, because a nearly identical one does."""


def load_npz(path: Path) -> tuple[Faces, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Faces, split (N,) and twin group (N,) of a ``fer2013.npz``.

    Raises:
        DataError: the file is missing, unreadable, or lacks one of its arrays.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            images, labels, votes = archive["images"], archive["labels"], archive["votes"]
            split, twins = archive["split"], archive["dup_group"].astype(np.int64)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not a usable fer2013.npz ({error})") from error
    number = len(images)
    fits = images.shape[1:] == (48, 48) and images.dtype == np.uint8 and votes.shape == (number, 10)
    if not fits or any(array.shape != (number,) for array in (labels, split, twins)) or labels.max(initial=0) >= len(EMOTIONS):
        raise DataError(f"{path}: its arrays do not fit each other, or are not what fer2013.npz holds")
    return Faces(images, from_fer(labels, votes)), split, twins


def make_splits(split: npt.NDArray[np.uint8], twins: npt.NDArray[np.int64], *, choose_share: float, seed: int) -> Splits:
    """Hold out ``choose_share`` of the training images for choices; drop training images with a twin elsewhere.

    A data set's own `VALIDATION` is for choices, too, and nothing of its `LEARNING` is.
    """
    test = np.flatnonzero(split == PUBLIC_TEST)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(split == TRAINING))
    choose, rest = np.split(order, [round(len(order) * choose_share)])
    choose = np.concatenate([choose, np.flatnonzero(split == VALIDATION)])
    rest = np.concatenate([rest, np.flatnonzero(split == LEARNING)])
    elsewhere = np.unique(twins[np.concatenate([test, choose])])
    leaked = (twins[rest] >= 0) & np.isin(twins[rest], elsewhere)
    return Splits(np.sort(rest[~leaked]), np.sort(choose), test, int(leaked.sum()))
