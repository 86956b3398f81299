"""Exports of what the cloud collected, in any form: only what people said counts, and the splits are the export's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.dataset import DataSet
from howsitgoing_models.data.faces import LEARNING, PUBLIC_TEST, VALIDATION, Faces
from howsitgoing_models.data.pictures import resized
from howsitgoing_models.dataset import manifest
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import PICTURE, Row
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, Targets

_SPLIT: Final = {"train": LEARNING, "validation": VALIDATION, "test": PUBLIC_TEST}


def is_export(path: Path) -> bool:
    """Whether an export lies there, or what is left of one."""
    return any((path / name).is_file() for name in (manifest.FILE, manifest.UNDER_WAY))


def load(paths: Sequence[Path]) -> DataSet:
    """The labelled samples of exports; where several have the same sample, that of the export that was read last counts.

    What a reviewer labelled counts, and how reviewers voted. What the wearer or a network said does not.

    Raises:
        DataError: one is not whole, or nobody has reviewed anything.
    """
    found = [(Place(str(path)), manifest.read(Place(str(path)))) for path in paths]
    rows: dict[str, Row] = {}
    for place, content in sorted(found, key=lambda pair: str(pair[1]["source"]["read_time"])):
        manifest.check(place, content)
        for file in content["files"]:
            for row in FORMS[content["form"]].read(place, file["path"]):
                rows[row["id"]] = row if _votes(row).any() else {**row, PICTURE: None}
    reviewed = [row for _, row in sorted(rows.items()) if row[PICTURE] is not None]
    if not reviewed:
        raise DataError(
            f"{', '.join(map(str, paths))}: none of {len(rows)} samples has a reviewer's label or vote: review first"
        )
    votes = np.stack([_votes(row) for row in reviewed])
    majority = [EMOTIONS.index(row["label"]) if _by_reviewer(row) and row["label"] in EMOTIONS else -1 for row in reviewed]
    targets = Targets(
        np.full(len(reviewed), -1, np.int64),
        (votes / votes.sum(1, keepdims=True)).astype(np.float32),
        np.array(majority, np.int64),
    )
    return DataSet(
        Faces(np.stack([_pixels(row) for row in reviewed]), targets),
        np.array([_SPLIT[row["split"]] for row in reviewed], np.uint8),
        np.full(len(reviewed), -1, np.int64),
        np.array([f"device {row['device_id']}" for row in reviewed]),
        np.ones(len(reviewed), bool),
    )


def _votes(row: Row) -> npt.NDArray[np.float64]:
    """(8,) what reviewers said; where there is their label alone, that once."""
    votes = np.array([row[f"votes_{name}"] or 0 for name in CROWD_OUTPUTS], np.float64)
    if not votes.any() and _by_reviewer(row):
        votes[CROWD_OUTPUTS.index(row["label"])] = 1
    return votes


def _by_reviewer(row: Row) -> bool:
    return bool(row["label_source"] == "reviewer" and row["label"])


def _pixels(row: Row) -> npt.NDArray[np.uint8]:
    gray = cv2.imdecode(np.frombuffer(row[PICTURE], np.uint8), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise DataError(f"sample {row['id']} of the export holds no readable picture")
    return resized(np.asarray(gray, np.uint8))
