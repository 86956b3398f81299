"""CSV as FER2013 has it: emotion, pixels of 48x48, Usage; our own fields in further columns, which its readers ignore."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import cv2
import numpy as np

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import FIELDS, PICTURE, Row, from_text
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS, FER2013_TO_CONTRACT

ABOUT: Final = "CSV files as FER2013's, of labelled samples alone"
_SIDE: Final = 48
_USAGE: Final = {"train": "Training", "validation": "PrivateTest", "test": "PublicTest"}
_NUMBER: Final = {EMOTIONS[place]: number for number, place in enumerate(FER2013_TO_CONTRACT)}
PIXELS: Final = "pixels"


def path(split: str, number: int, of: int) -> str:
    """See `Form.path`."""
    return f"data/{split}-{number:05}-of-{of:05}.csv"


def fits(row: Row) -> bool:
    """FER2013 knows seven emotions, and nothing without a label."""
    return row["label"] in EMOTIONS


def write(place: Place, name: str, rows: Sequence[Row]) -> None:
    """See `Form.write`; rows that were read back bring their pixels along."""
    with place.write(name) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(["emotion", PIXELS, "Usage", *FIELDS])
        for row in rows:
            fields = ("" if row[field] is None else row[field] for field in FIELDS)
            lines.writerow([_NUMBER[row["label"]], row.get(PIXELS) or _pixels(row[PICTURE]), _USAGE[row["split"]], *fields])
        text.detach()


def read(place: Place, name: str) -> Iterator[Row]:
    """See `Form.read`; the crop comes as PNG, since the JPEG is not in it."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with place.open(name) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            for row in csv.DictReader(text):
                pixels = np.array(row[PIXELS].split(), np.uint8).reshape(_SIDE, _SIDE)
                fields = {field: from_text(field, row[field]) for field in FIELDS}
                yield {**fields, PIXELS: row[PIXELS], PICTURE: cv2.imencode(".png", pixels)[1].tobytes()}
    except (ValueError, KeyError, TypeError, OverflowError, csv.Error) as error:
        raise DataError(f"{place.path(name)} is no shard of an export ({str(error)[:80]})") from error


def _pixels(jpeg: bytes) -> str:
    gray = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    small = cv2.resize(np.asarray(gray, np.uint8), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return " ".join(map(str, small.ravel()))
