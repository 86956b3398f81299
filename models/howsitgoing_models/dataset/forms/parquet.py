"""Parquet with embedded pictures, as Hugging Face's ``Image`` feature lays them out: a struct of bytes and path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.row import FIELDS, PICTURE, Row
from howsitgoing_models.errors import DataError

ABOUT: Final = "Parquet with embedded pictures"
_ROWS_IN_GROUP: Final = 500
"""A reader holds one group at a time"""
_KINDS: Final = {str: "string", int: "int32", float: "float64"}


def path(split: str, number: int, of: int) -> str:
    """See `Form.path`."""
    return f"data/{split}-{number:05}-of-{of:05}.parquet"


def write(place: Place, name: str, rows: Sequence[Row]) -> None:
    """See `Form.write`."""
    import pyarrow as pa
    from pyarrow import parquet

    columns = [pa.array([{"bytes": row[PICTURE], "path": f"{row['id']}.jpg"} for row in rows], _picture())]
    columns += [pa.array([row[field] for row in rows], getattr(pa, _KINDS[kind])()) for field, kind in FIELDS.items()]
    table = pa.Table.from_arrays(columns, schema=schema())
    with place.write(name) as file:
        parquet.write_table(
            table,
            file,
            row_group_size=_ROWS_IN_GROUP,
            compression={"image.list.element": "none", **dict.fromkeys(FIELDS, "zstd")},
            write_page_index=True,
        )


def read(place: Place, name: str) -> Iterator[Row]:
    """See `Form.read`."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with place.open(name) as file:
            for batch in parquet.ParquetFile(file).iter_batches(_ROWS_IN_GROUP, columns=["image", *FIELDS]):
                for row in batch.to_pylist():
                    yield {**{field: row[field] for field in FIELDS}, PICTURE: row["image"]["bytes"]}
    except (pa.ArrowException, OSError, KeyError) as error:
        raise DataError(f"{place.path(name)} is no shard of an export ({str(error)[:80]})") from error


def schema() -> Any:  # noqa: ANN401  pyarrow carries no types
    """Of the table, with the features by which Hugging Face's datasets shows pictures."""
    import pyarrow as pa

    features: dict[str, Any] = {"image": {"_type": "Image"}}
    features |= {name: {"dtype": _KINDS[kind], "_type": "Value"} for name, kind in FIELDS.items()}
    fields = [("image", _picture()), *((name, getattr(pa, _KINDS[kind])()) for name, kind in FIELDS.items())]
    return pa.schema(fields, {"huggingface": json.dumps({"info": {"features": features}})})


def _picture() -> Any:  # noqa: ANN401
    import pyarrow as pa

    return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
