"""Exports for tests: made in this process or by the command, and compared file by file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from howsitgoing_models.dataset.export import How, export
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.dataset.manifest import Manifest, read
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.request import Base, Filters, Request, Shape, Source
from howsitgoing_models.dataset.row import Row

MANY = 300
COMMAND = [sys.executable, "-m", "howsitgoing_models.cli", "export"]


def make(
    out: Path,
    project: str,
    *,
    form: str = "parquet",
    filters: Filters = Filters(),  # noqa: B008  frozen
    read_time: str | None = None,
    how: How = How(parts=4),  # noqa: B008
    base: Base | None = None,
    **shape: Any,  # noqa: ANN401  fields of Shape
) -> Manifest:
    """One export, in this process; tracks and shards small enough to matter are asked for."""
    wanted = Shape(form=form, **{"per_track": 1000, "shard_size": 100, **shape})
    return export(Request(Source(project), filters, wanted, base), str(out), how, read_time)


def rows(out: Path) -> dict[str, Row]:
    """Everything in an export, by id."""
    manifest = read(Place(str(out)))
    found = [row for file in manifest["files"] for row in FORMS[manifest["form"]].read(Place(str(out)), file["path"])]
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: row for row in found}


def bytes_of(out: Path) -> dict[str, str]:
    """Each file's SHA-256, by its path in the export; without the checkout's revision, since somebody may commit meanwhile."""
    revision = (read(Place(str(out)))["made_by"]["revision"] or "unknown").encode()
    files = sorted(path for path in out.rglob("*") if path.is_file())
    contents = {str(path.relative_to(out)): path.read_bytes().replace(revision, b"") for path in files}
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def command(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``howsitgoing-models export`` as people type it."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, **environment},
    )
