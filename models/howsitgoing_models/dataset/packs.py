"""What was gathered, until it is written: packs of rows with their crops, each with an index that is written last.

A pack holds one record a sample: length of the row, the row as JSON, the JPEG. Its index is JSON lines: first what was counted,
then one line a sample.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from howsitgoing_models.dataset.choose import Slim
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.reasons import LISTED, LeftOut
from howsitgoing_models.dataset.row import PICTURE, Row

FOLDER: Final = "work/packs"
SUFFIX: Final = ".index"
_END: Final = "end"
_LENGTH: Final = struct.Struct("<I")


@dataclass
class Tally:
    """What one pack saw."""

    documents: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    listed: list[tuple[str, str, str]] = field(default_factory=list)
    """(document, reason, detail)"""
    last: str | None = None
    """Name of the last document; None: there was none"""
    size: int = 0
    """Bytes of the pack"""

    def leave_out(self, name: str, left: LeftOut) -> None:
        """Count it, and name it where something is wrong."""
        self.left_out[left.reason.value] += 1
        if left.reason in LISTED:
            self.listed.append((name, left.reason.value, left.detail))

    def to_json(self) -> str:
        """In one line."""
        return json.dumps({**vars(self), "left_out": dict(self.left_out), "warnings": dict(self.warnings)})

    @classmethod
    def from_json(cls, text: str | bytes) -> Tally:
        """What `to_json` wrote."""
        content: dict[str, Any] = json.loads(text)
        listed = [(name, reason, detail) for name, reason, detail in content["listed"]]
        left_out, warnings = Counter(content["left_out"]), Counter(content["warnings"])
        return cls(content["documents"], left_out, warnings, listed, content["last"], content["size"])


def name_of(part: int, chunk: int) -> str:
    """Of a pack, without suffix."""
    return f"{FOLDER}/{part:05}-{chunk:05}"


def add(file: BinaryIO, row: Row) -> int:
    """Append a row with its picture; how long the record is."""
    text = json.dumps({name: value for name, value in row.items() if name != PICTURE}, separators=(",", ":")).encode()
    return file.write(_LENGTH.pack(len(text)) + text + row[PICTURE])


def take(record: bytes) -> Row:
    """The row in one record."""
    (length,) = _LENGTH.unpack_from(record)
    behind = _LENGTH.size + length
    row: Row = json.loads(record[_LENGTH.size : behind])
    row[PICTURE] = record[behind:]
    return row


def finish(place: Place, name: str, seen: Tally, samples: list[Slim]) -> None:
    """Write the index: from now on the pack counts."""
    lines = [seen.to_json(), *(json.dumps([*s[:7], s.thumb.hex(), s.order]) for s in samples), _END]
    with place.write(name + SUFFIX, durable=False) as file:
        file.write("\n".join(lines).encode())


def load(place: Place, name: str) -> tuple[Tally, list[Slim]] | None:
    """What `finish` wrote; None: nothing yet, or a power cut took a part of it."""
    if not (place.exists(name + SUFFIX) and place.exists(name)):
        return None
    first, *lines, end = place.get(name + SUFFIX).split(b"\n")
    if end.decode() != _END:
        return None
    seen = Tally.from_json(first)
    return (seen, [_slim(json.loads(line)) for line in lines]) if place.size(name) == seen.size else None


def tally(place: Place, name: str) -> Tally:
    """What an index counts; the rest of it is not read."""
    with place.open(name) as file:
        return Tally.from_json(file.readline())


def _slim(values: list[Any]) -> Slim:
    sample_id, place, split, group, track, sha256, fingerprint, thumb, (rank, received) = values
    pack, offset, length = place
    known = (split, group, track, sha256, fingerprint)
    return Slim(sample_id, (pack, offset, length), *known, bytes.fromhex(thumb), (rank, received))
