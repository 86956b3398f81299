"""WebDataset: tar files in which ``<id>.jpg`` and ``<id>.json`` stand beside each other."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import Final

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import FIELDS, PICTURE, Row
from howsitgoing_models.errors import DataError

ABOUT: Final = "WebDataset tar files"


def path(split: str, number: int, of: int) -> str:
    """See `Form.path`."""
    return f"data/{split}-{number:05}-of-{of:05}.tar"


def write(place: Place, name: str, rows: Sequence[Row]) -> None:
    """See `Form.write`: no times, no owners, so that the same rows are the same bytes."""
    with place.write(name) as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for row in rows:
            fields = json.dumps({field: row[field] for field in FIELDS}).encode()
            for suffix, content in (("jpg", row[PICTURE]), ("json", fields)):
                member = tarfile.TarInfo(f"{row['id']}.{suffix}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def read(place: Place, name: str) -> Iterator[Row]:
    """See `Form.read`."""
    try:
        with place.open(name) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            picture = b""
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    raise DataError(f"{place.path(name)}: {member.name[:80]} is no file")
                if member.name.endswith(".jpg"):
                    picture = content.read()
                else:
                    fields = json.loads(content.read())
                    yield {**{field: fields[field] for field in FIELDS}, PICTURE: picture}
    except (tarfile.TarError, ValueError, KeyError, EOFError) as error:
        raise DataError(f"{place.path(name)} is no shard of an export ({str(error)[:80]})") from error
