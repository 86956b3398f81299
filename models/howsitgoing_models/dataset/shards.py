"""Last step: the samples of one shard out of their packs into a file, with an index and a summary beside it."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from howsitgoing_models.dataset import packs
from howsitgoing_models.dataset.choose import Slim
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.reasons import Reason
from howsitgoing_models.dataset.row import PICTURE, Row

SUMMARIES: Final = "work/shards"
CHOICE: Final = "work/choice.json"
"""How many stay out because of others, by reason"""
INDEX: Final = "index"
_OF_ROW: Final = ("id", "split", "device_id", "session", "track", "consent_reference", "noticed_at", "expires_at", "sha256")
_OF_SLIM: Final = ("group", "track", "print")


def write(place: Place, form_name: str, shard: tuple[str, int, int], samples: Iterable[Slim]) -> None:
    """Write one shard, unless the very same is there.

    Args:
        place: of the export.
        form_name: one of `FORMS`.
        shard: split, number, how many the split has.
        samples: what belongs into it, in any order.
    """
    form, ordered = FORMS[form_name], sorted(samples)
    name = form.path(*shard)
    note = f"{SUMMARIES}/{shard[0]}-{shard[1]:05}-of-{shard[2]:05}.json"
    content = hashlib.sha256(json.dumps([s.id for s in ordered]).encode()).hexdigest()
    if place.exists(note) and json.loads(place.get(note))["ids_sha256"] == content:
        return
    unique = [sample for n, sample in enumerate(ordered) if n == 0 or sample.id != ordered[n - 1].id]
    rows = _rows(place, unique)
    fitting = [(sample, row) for sample, row in zip(unique, rows, strict=True) if form.fits(row)]
    if fitting:
        form.write(place, name, [row for _, row in fitting])
        put_index(place, index_of(shard), [index_row(row, sample) for sample, row in fitting])
    left = {Reason.DUPLICATE_ID.value: len(ordered) - len(unique), Reason.NO_PLACE_IN_FORM.value: len(unique) - len(fitting)}
    files = [described(place, name, index_of(shard), shard[0], [row for _, row in fitting])] if fitting else []
    whole = {"ids_sha256": content, "left_out": {k: v for k, v in left.items() if v}, "files": files}
    place.put(note, json.dumps(whole).encode())


def index_of(shard: tuple[str, int, int]) -> str:
    """The index of a shard: what finding duplicates and erasing need, and no more."""
    return f"{INDEX}/{shard[0]}-{shard[1]:05}-of-{shard[2]:05}.index"


def described(place: Place, path: str, index: str, split: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The manifest's entry of a shard that holds ``rows``."""
    size, digest = place.digest(path)
    index_size, index_digest = place.digest(index)
    return {
        "path": path,
        "split": split,
        "samples": len(rows),
        "bytes": size,
        "sha256": digest,
        "index": {"path": index, "bytes": index_size, "sha256": index_digest},
        "summary": summarise(rows),
    }


def index_row(row: Row, sample: Slim) -> dict[str, Any]:
    """One line of an index."""
    track = {"track_key": sample.track, "group": sample.group, "print": sample.print, "thumb": sample.thumb}
    return {**{name: row[name] for name in _OF_ROW}, **track}


def put_index(place: Place, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write an index: Parquet, small columns."""
    import pyarrow as pa
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows)), content, compression="zstd")
    place.put(name, content.getvalue())


def get_index(place: Place, name: str) -> list[dict[str, Any]]:
    """Read an index."""
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(place.get(name))).to_pylist()
    return rows


def slim_of(row: dict[str, Any]) -> Slim:
    """A sample of an earlier export: it stays, and others are compared with it."""
    sample = (row["split"], row["group"], row["track_key"], row["sha256"], row["print"], row["thumb"])
    return Slim(row["id"], ("", 0, 0), *sample, order=(-1, ""))


def summarise(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Counts for manifest and card."""
    table: dict[str, Callable[[Row], str]] = {
        "splits": lambda row: row["split"],
        "labels": lambda row: row["label"] or "none",
        "label_sources": lambda row: row["label_source"],
        "predictions": lambda row: row["prediction"],
        "votes": lambda row: str(sum(n for name, n in row.items() if name.startswith("votes_"))),
        "reasons": lambda row: row["reason"],
        "models": lambda row: row["model_id"],
        "days": lambda row: row["received_at"][:10],
        "sizes": lambda row: f"{row['width']}x{row['height']}",
        "kilobytes": lambda row: str((len(row[PICTURE]) + 512) // 1024),
    }
    return {name: dict(sorted(Counter(of(row) for row in rows).items())) for name, of in table.items()}


def _rows(place: Place, samples: Sequence[Slim]) -> list[Row]:
    """The rows of ``samples``, in their order; each pack is opened once."""
    found: dict[str, Row] = {}
    for pack, inside in groupby(sorted(samples, key=lambda sample: sample.place), key=lambda sample: sample.place[0]):
        with place.open(pack) as file:
            for sample in inside:
                file.seek(sample.place[1])
                found[sample.id] = packs.take(file.read(sample.place[2]))
    return [found[sample.id] for sample in samples]
