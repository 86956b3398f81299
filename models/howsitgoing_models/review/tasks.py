"""Faces that wait for reviewers -> a folder that Label Studio takes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from howsitgoing_models.dataset.crops import Crops
from howsitgoing_models.dataset.crops import read as read_crop
from howsitgoing_models.dataset.reasons import LeftOut
from howsitgoing_models.errors import DataError
from howsitgoing_models.review.labelstudio import labelling, task
from howsitgoing_models.review.reading import Face, Reading

TASKS: Final = "tasks.json"
LABELLING: Final = "labelling.xml"
_AT_ONCE: Final = 64
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True)
class Made:
    """What lies in the folder."""

    tasks: int
    left_out: int
    """Whose picture is gone or broken"""


def waiting(reading: Reading, wanted: int) -> Iterator[Face]:
    """Faces that fewer than ``wanted`` reviewers judged, or on which they disagree."""
    while not reading.finished:
        yield from (face for face in reading.page() if face.needs(wanted))


def write(folder: Path, faces: Iterator[Face], limit: int, *, with_predictions: bool) -> Made:
    """Make the folder: it is there when all is in it. For its owner alone: there are faces in it.

    Raises:
        DataError: it exists, cannot be written, or Storage cannot be reached.
    """
    aside = folder.with_name(f"{folder.name}.incomplete")
    if folder.exists():
        raise DataError(f"{folder} exists; choose another name, or delete it")
    crops = Crops(_PATIENCE_S)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        made: list[dict[str, Any]] = []
        left_out = 0
        while len(made) < limit and (some := list(islice(faces, min(_AT_ONCE, limit - len(made))))):
            for face, fetched in zip(some, crops.each(lambda face: crops.get(face.image), some), strict=True):
                try:
                    jpeg, _ = read_crop(face.row, fetched)
                except LeftOut:
                    left_out += 1
                    continue
                made.append(task(face, jpeg, with_prediction=with_predictions))
        for name, content in ((TASKS, json.dumps(made)), (LABELLING, labelling())):
            with os.fdopen(os.open(aside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(content)
        aside.rename(folder)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error}") from error
    finally:
        crops.close()
    return Made(len(made), left_out)
