"""manifest.json: what an export holds, and the proof that it is whole. Written last."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

from howsitgoing_models.dataset import packs, shards
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.request import Plan
from howsitgoing_models.dataset.row import SCHEMA
from howsitgoing_models.errors import DataError
from howsitgoing_models.release.provenance import revision

FILE: Final = "manifest.json"
KIND: Final = "howsitgoing-dataset"
UNDER_WAY: Final = "manifest.erasing.json"
"""Its name while samples are erased: who looks for an export finds none until all is gone"""
LEFT_OUT: Final = "left-out.csv"
_AT_ONCE: Final = 16
Manifest = dict[str, Any]


def make(place: Place, plan: Plan) -> tuple[Manifest, list[tuple[str, str, str]]]:
    """The manifest of what the pipeline left in ``place``, and the documents in which something is wrong."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        tallies = list(threads.map(lambda name: packs.tally(place, name), place.names(packs.FOLDER, packs.SUFFIX)))
        notes = [json.loads(note) for note in threads.map(place.get, place.names(shards.SUMMARIES, ".json"))]
    left_out = Counter(json.loads(place.get(shards.CHOICE)))
    for counts in (*(tally.left_out for tally in tallies), *(note["left_out"] for note in notes)):
        left_out.update(counts)
    warnings: Counter[str] = sum((tally.warnings for tally in tallies), Counter())
    request = plan.request
    base = None if request.base is None else {k: v for k, v in asdict(request.base).items() if k != "folder"}
    manifest: Manifest = {
        "kind": KIND,
        "schema": SCHEMA,
        "form": request.shape.form,
        "source": {**asdict(request.source), "read_time": plan.read_time},
        "filters": asdict(request.filters),
        "shape": asdict(request.shape),
        "base": base,
        "made_by": {"howsitgoing": version("howsitgoing"), "revision": revision()},
        "documents": sum(tally.documents for tally in tallies),
        "samples": sum(file["samples"] for note in notes for file in note["files"]),
        "left_out": dict(sorted(left_out.items())),
        "warnings": {name: count for name, count in sorted(warnings.items()) if count},
        "summary": merged(file["summary"] for note in notes for file in note["files"]),
        "files": sorted((file for note in notes for file in note["files"]), key=lambda file: str(file["path"])),
        "erasures": [],
    }
    return manifest, sorted(line for tally in tallies for line in tally.listed)


def merged(summaries: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The sum of summaries."""
    total: dict[str, Counter[str]] = {}
    for summary in summaries:
        for name, counts in summary.items():
            total.setdefault(name, Counter()).update(counts)
    return {name: dict(sorted(counts.items())) for name, counts in total.items()}


def read(place: Place, name: str = FILE) -> Manifest:
    """The manifest of a whole export.

    Raises:
        DataError: there is none, it is of something else, or of a newer schema.
    """
    if not place.exists(name):
        raise DataError(f"{place.root} is no export, or an interrupted one: it has no {FILE}")
    try:
        manifest: Manifest = json.loads(place.get(name))
        kind, schema = manifest["kind"], manifest["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{place.path(FILE)} is broken ({error})") from error
    if kind != KIND or schema != SCHEMA:
        raise DataError(f"{place.path(FILE)} is of {kind} {schema}: this version reads {KIND} {SCHEMA}")
    return manifest


def write(place: Place, manifest: Manifest, name: str = FILE) -> None:
    """Write it; from then on the export is whole."""
    place.put(name, (json.dumps(manifest, indent=1) + "\n").encode())


def digest(place: Place) -> str:
    """By which an export that builds on this one names it."""
    return hashlib.sha256(place.get(FILE)).hexdigest()


def check(place: Place, manifest: Manifest) -> None:
    """Compare all files with the manifest. Raises DataError: one is missing or changed."""
    for file in manifest["files"]:
        for part in (file, file["index"]):
            if not place.exists(part["path"]):
                raise DataError(f"{place.path(part['path'])} is missing")
            if place.digest(part["path"]) != (part["bytes"], part["sha256"]):
                raise DataError(f"{place.path(part['path'])} is not the file that {FILE} describes (SHA-256 differs)")
