"""One data set as it came: faces, who may learn from which, and which are twins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.faces import PUBLIC_TEST, TRAINING, Faces, Splits, load_npz, make_splits
from howsitgoing_models.errors import DataError
from howsitgoing_models.parameters import Data


@dataclass(frozen=True)
class DataSet:
    """Faces with what their publisher says of them."""

    faces: Faces
    split: npt.NDArray[np.uint8]
    """(N,) 0 training, 1 public test, as published"""
    twins: npt.NDArray[np.int64]
    """(N,) images with the same number show the same picture; -1 = no twin"""
    groups: npt.NDArray[np.str_] | None = None
    """(N,) what a data set says of the people in it, for figures per group; never learnt from"""

    def splits(self, settings: Data) -> Splits:
        """Rows to learn from, to choose by and to publish figures of."""
        return make_splits(self.split, self.twins, choose_share=settings.choose_share, seed=settings.seed)

    def rows(self, name: str, settings: Data) -> npt.NDArray[np.intp]:
        """The rows of one split: ``train``, ``choose``, ``all``, or a published split's number.

        Raises:
            DataError: there is no such split, or nothing in it.
        """
        splits = self.splits(settings)
        known = {
            "train": splits.train,
            "choose": splits.choose,
            "all": np.arange(len(self.split)),
            str(TRAINING): np.flatnonzero(self.split == TRAINING),
            str(PUBLIC_TEST): splits.public_test,
        }
        rows = known.get(name)
        if rows is None and name.isdecimal():
            rows = np.flatnonzero(self.split == int(name))
        if rows is None or not len(rows):
            raise DataError(f"split {name!r} holds no images; there are: {', '.join(k for k, v in known.items() if len(v))}")
        return rows


def load(path: Path) -> DataSet:
    """The data set at ``path``.

    Raises:
        DataError: it is missing, or of no kind known here.
    """
    faces, split, twins = load_npz(path)
    return DataSet(faces, split, twins)
