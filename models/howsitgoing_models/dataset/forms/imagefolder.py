"""Pictures in folders with a metadata.csv beside them: Hugging Face's ImageFolder, and anything that reads files."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import FIELDS, PICTURE, Row, from_text
from howsitgoing_models.errors import DataError

ABOUT: Final = "folders of JPEGs, each with a metadata.csv"
_TABLE: Final = "metadata.csv"


def path(split: str, number: int, of: int) -> str:
    """See `Form.path`: the table, written after all pictures that it names."""
    return f"data/{split}/{number:05}-of-{of:05}/{_TABLE}"


def write(place: Place, name: str, rows: Sequence[Row]) -> None:
    """See `Form.write`."""
    folder = name.removesuffix(f"/{_TABLE}")
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["file_name", *FIELDS])
    for row in rows:
        place.put(f"{folder}/{row['id']}.jpg", row[PICTURE], durable=False)
        lines.writerow([f"{row['id']}.jpg", *("" if row[field] is None else row[field] for field in FIELDS)])
    place.settle(f"{folder}/{row['id']}.jpg" for row in rows)
    place.put(name, text.getvalue().encode())


def without(place: Place, name: str, ids: Collection[str]) -> Iterator[Row]:
    """See `Form.without`: pictures first, since the table alone knows their names."""
    lines = list(csv.reader(io.StringIO(place.get(name).decode())))
    for sample_id in ids:
        place.remove(f"{name.removesuffix(f'/{_TABLE}')}/{sample_id}.jpg")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(line for line in lines if line[0].removesuffix(".jpg") not in ids)
    place.put(name, text.getvalue().encode())
    return read(place, name)


def read(place: Place, name: str) -> Iterator[Row]:
    """See `Form.read`."""
    folder = name.removesuffix(f"/{_TABLE}")
    try:
        for row in csv.DictReader(io.StringIO(place.get(name).decode())):
            fields = {field: from_text(field, row[field]) for field in FIELDS}
            yield {**fields, PICTURE: place.get(f"{folder}/{row['file_name']}")}
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise DataError(f"{place.path(name)} is no table of an export ({str(error)[:80]})") from error
