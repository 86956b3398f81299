"""One data set as it came: faces, who may learn from which, and which are twins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.faces import PUBLIC_TEST, TRAINING, Faces, Splits, make_splits
from howsitgoing_models.data.twins import near_twins
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import Targets
from howsitgoing_models.parameters import Data

UNKNOWN_GROUP: Final = "unknown"


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
    collected: npt.NDArray[np.bool_] | None = None
    """(N,) from an export of what devices sent; None: nothing is"""

    @property
    def exported(self) -> npt.NDArray[np.bool_]:
        """(N,) `collected`, whatever there is."""
        return np.zeros(len(self.split), bool) if self.collected is None else self.collected

    def splits(self, settings: Data) -> Splits:
        """Rows to learn from, to choose by and to publish figures of."""
        splits = make_splits(self.split, self.twins, choose_share=settings.choose_share, seed=settings.seed)
        if not settings.drop_near_twins or not len(splits.train):
            return splits
        twins = near_twins(self.faces.images, splits.train, np.concatenate([splits.choose, splits.public_test]))
        return replace(splits, train=splits.train[~twins], dropped_near_twins=int(twins.sum()))

    def rows(self, name: str, settings: Data) -> npt.NDArray[np.intp]:
        """The rows of one split: ``train``, ``choose``, ``all``, or a published split's number.

        Raises:
            DataError: there is no such split, or nothing in it.
        """
        if name.isdecimal():
            rows = np.flatnonzero(self.split == int(name))
        elif name == "all":
            rows = np.arange(len(self.split))
        elif name in {"train", "choose"}:
            rows = getattr(self.splits(settings), name)
        else:
            raise DataError(f"there is no split {name!r}: take train, choose, all, or a published split's number")
        if not len(rows):
            raise DataError(f"split {name!r} of this data set holds no images")
        return rows


def joined(parts: Sequence[DataSet]) -> DataSet:
    """All of ``parts`` as one data set; groups are kept where any part has them."""
    if len(parts) == 1:
        return parts[0]
    targets = [part.faces.targets for part in parts]
    columns = {f.name: np.concatenate([getattr(target, f.name) for target in targets]) for f in fields(Targets)}
    shifted, first = [], 0
    for part in parts:
        shifted.append(np.where(part.twins >= 0, part.twins + first, -1))
        first += int(part.twins.max(initial=-1)) + 1
    groups = None
    if any(part.groups is not None for part in parts):
        groups = np.concatenate(
            [np.full(len(part.faces), UNKNOWN_GROUP) if part.groups is None else part.groups for part in parts]
        )
    return DataSet(
        Faces(np.concatenate([part.faces.images for part in parts]), Targets(**columns)),
        np.concatenate([part.split for part in parts]),
        np.concatenate(shifted),
        groups,
        np.concatenate([part.exported for part in parts]),
    )


def as_published(part: str) -> int:
    """The split that a publisher's name for it means.

    Raises:
        DataError: the name means nothing here.
    """
    known = {"training": TRAINING, "train": TRAINING, "publictest": PUBLIC_TEST, "test": PUBLIC_TEST, "privatetest": 2}
    number = known.get(part.lower().replace(" ", "").replace("_", ""))
    if number is None:
        raise DataError(f"{part!r} is no split known here: {', '.join(known)}")
    return number
