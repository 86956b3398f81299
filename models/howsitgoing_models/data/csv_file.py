"""FER2013 as Kaggle gives it: fer2013.csv, and the votes of FER+ in fer2013new.csv, line by line in the same order."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.dataset import DataSet, as_published
from howsitgoing_models.data.faces import Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import FER2013_TO_CONTRACT, from_fer, from_labels

VOTES_FILE: Final = "fer2013new.csv"
_VOTES: Final = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
_SIDE: Final = 48


def load(path: Path) -> DataSet:
    """The data set in ``path``, with votes where `VOTES_FILE` lies beside it.

    Raises:
        DataError: it cannot be read, or a line in it is broken; the message names the line.
    """
    images, labels, split = [], [], []
    for number, row in _rows(path, ("emotion", "pixels", "Usage")):
        pixels = np.fromstring(row["pixels"], np.int64, sep=" ")
        if pixels.size != _SIDE * _SIDE or pixels.min() < 0 or pixels.max() > np.iinfo(np.uint8).max:
            raise DataError(f"{path}, line {number}: 'pixels' must hold {_SIDE * _SIDE} numbers of 0 to 255")
        if row["emotion"] not in set("0123456"):
            raise DataError(f"{path}, line {number}: emotion {row['emotion']!r} is none of 0 to 6")
        images.append(pixels.astype(np.uint8).reshape(_SIDE, _SIDE))
        labels.append(int(row["emotion"]))
        split.append(as_published(row["Usage"]))
    if not images:
        raise DataError(f"{path} holds no images")
    own, votes = np.array(labels, np.uint8), path.with_name(VOTES_FILE)
    targets = from_fer(own, _votes(votes, len(own))) if votes.exists() else from_labels(FER2013_TO_CONTRACT[own], fer2013=True)
    return DataSet(Faces(np.stack(images), targets), np.array(split, np.uint8), np.full(len(own), -1, np.int64))


def _votes(path: Path, expected: int) -> npt.NDArray[np.uint8]:
    """(N, 10) votes."""
    lines = []
    for number, row in _rows(path, _VOTES):
        try:
            lines.append([int(row[name]) for name in _VOTES])
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {error}") from error
    if len(lines) != expected:
        raise DataError(f"{path} has {len(lines)} lines of votes for {expected} images: they must go together line by line")
    return np.array(lines, np.uint8)


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader]
            names = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is no readable CSV ({error})") from error
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(f"{path} lacks the columns {', '.join(missing)}")
    for number, row in rows:
        if any(row[name] is None for name in columns):
            raise DataError(f"{path}, line {number}: cut short")
    return rows
