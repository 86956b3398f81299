"""One export, from request to a whole folder: plan, pipeline, manifest, and only then its name."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from howsitgoing_models.dataset import card
from howsitgoing_models.dataset import manifest as manifests
from howsitgoing_models.dataset.choose import erased
from howsitgoing_models.dataset.documents import moment
from howsitgoing_models.dataset.erasing import erase
from howsitgoing_models.dataset.firestore import Collection
from howsitgoing_models.dataset.manifest import Manifest
from howsitgoing_models.dataset.places import Place, explained, keep_folder
from howsitgoing_models.dataset.reasons import Reason
from howsitgoing_models.dataset.request import Base, Plan, Request
from howsitgoing_models.dataset.running import HERE, PARTS_HERE, run
from howsitgoing_models.dataset.watching import watched
from howsitgoing_models.errors import DataError, ParameterError

PLAN: Final = "work/plan.json"
_WORK: Final = "work"
_LOCK: Final = ".lock"


@dataclass(frozen=True)
class How:
    """By what means an export is made; none of it changes what comes out."""

    runner: str = HERE
    options: tuple[str, ...] = ()
    parts: int = PARTS_HERE


def base_of(folder: str) -> tuple[Base, tuple[str, ...]]:
    """An earlier export to build on, and all indexes of it and of what it was built on itself.

    Raises:
        DataError: one of them is no export, or not the one that the next was built on.
    """
    place = Place(folder.rstrip("/"))
    manifest = manifests.read(place)
    name = place.root.rsplit("/", 1)[-1]
    base = Base(folder, name, manifests.digest(place), manifest["source"]["read_time"])
    indexes: list[str] = []
    while True:
        indexes += [place.path(file["index"]["path"]) for file in manifest["files"]]
        before = manifest["base"]
        if before is None:
            return base, tuple(sorted(indexes))
        place = Place(f"{place.root.rsplit('/', 1)[0] if '/' in place.root else '.'}/{before['name']}")
        manifest = manifests.read(place)  # it may have been brought up to date since: then its digest is another


def export(request: Request, out: str, how: How, read_time: str | None = None) -> Manifest:
    """Make the export, or go on with one that was interrupted.

    Args:
        request: what comes out.
        out: folder or address; must not exist.
        how: runner and parts.
        read_time: snapshot, RFC 3339; None: now.

    Raises:
        DataError: the folder is taken, a service refuses, the disk is full.
    """
    final, place = Place(out.rstrip("/")), Place(out.rstrip("/"))
    if not final.remote:
        place = Place(f"{final.root}.incomplete")
        if Path(final.root).exists():
            raise DataError(f"{final.root} is there already: name another folder, or --since-last {final.root} to add to it")
    elif final.exists(manifests.FILE):
        raise DataError(f"{final.root} holds an export already: name another place")
    with _alone(place):
        place.tidy()
        if not place.exists(manifests.FILE):  # else only its name was missing
            from howsitgoing_models.dataset import pipeline

            plan = _plan(request, place, how, read_time)
            with watched(place, len(plan.parts())):
                run(partial(pipeline.export, plan=plan, place=place), how.runner, how.options)
            _finish(place, plan)
        manifest = manifests.read(place)
        place.remove(_WORK)
        if not final.remote:
            place.remove(_LOCK)
            with explained(Path(final.root)):
                Path(place.root).replace(final.root)
                keep_folder(Path(final.root).parent)
    return manifest


def dry_run(request: Request, how: How, read_time: str | None = None) -> dict[str, Any]:
    """Count what would come out before pictures are looked at, and write nothing."""
    from howsitgoing_models.dataset import pipeline

    plan = _made(request, how, read_time)
    counted = run(partial(pipeline.count, plan=plan, place=Place("/nowhere")), how.runner, how.options)
    split: dict[str, dict[str, int]] = {name: {} for name in ("split", "label", "left_out")}
    for key, count in sorted(counted.items()):
        kind, _, name = key.partition(":")
        if kind in split:
            split[kind][name] = count
    candidates = sum(split["split"].values())
    return {
        "read_time": plan.read_time,
        "documents": candidates + sum(split["left_out"].values()),
        "candidates": candidates,
        "splits": split["split"],
        "labels": split["label"],
        "left_out": split["left_out"],
    }


def _plan(request: Request, place: Place, how: How, read_time: str | None) -> Plan:
    """The plan of the interrupted export in ``place``, or a new one."""
    if not place.exists(PLAN):
        if not place.remote and any(Path(place.root).glob("[!.]*")):
            raise DataError(f"{place.root} holds something else: remove it, or name another folder")
        plan = _made(request, how, read_time)
        place.put(PLAN, plan.to_json().encode())
        return plan
    try:
        plan = Plan.from_json(place.get(PLAN).decode())
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{place.path(PLAN)} is broken: remove {place.root} and begin anew") from error
    if plan.request != request or (read_time is not None and moment(read_time) != moment(plan.read_time)):
        raise DataError(f"{place.root} is an interrupted export of other settings: give those again, or remove it")
    return plan


def _made(request: Request, how: How, read_time: str | None) -> Plan:
    if how.parts < 1:
        raise ParameterError("--parts must be 1 or more")
    if read_time is not None and moment(read_time) > datetime.now(UTC):
        raise ParameterError(f"--read-time {read_time} lies in the future")
    collection = Collection(request.source, read_time)
    try:
        devices, consents = collection.tombstones()
        cuts = collection.cuts(how.parts)
    finally:
        collection.close()
    indexes = () if request.base is None else base_of(request.base.folder)[1]
    return Plan(request, collection.read_time, tuple(cuts), devices, consents, indexes)


def _finish(place: Place, plan: Plan) -> None:
    """Manifest, list and card; what was erased while the export ran goes out again before it is whole."""
    manifest, listed = manifests.make(place, plan)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("document", "reason", "detail"), *listed])
    place.put(manifests.LEFT_OUT, text.getvalue().encode())
    collection = Collection(plan.request.source, None)
    try:
        devices, consents = collection.tombstones()
    finally:
        collection.close()
    if (devices, consents) != (dict(plan.erased_devices), plan.erased_consents):
        done = erase(
            place, manifest, lambda row: Reason.ERASED if erased(row, devices, consents) else None, collection.read_time
        )
        if done.files:
            return
    card.write(place, manifest)
    manifests.write(place, manifest)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Keep a second export out of the same folder. Raises DataError: one is at it."""
    if place.remote:
        yield
        return
    lock = Path(place.path(_LOCK))
    with explained(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(f"another export is writing to {place.root}") from error
        yield
    finally:
        os.close(handle)


def with_base(request: Request, folder: str | None) -> Request:
    """``request``, adding to the export in ``folder``."""
    return request if folder is None else replace(request, base=base_of(folder)[0])


def told(manifest: Manifest) -> dict[str, Any]:
    """What a person wants to hear of an export."""
    names: Sequence[str] = ("documents", "samples", "left_out", "warnings")
    splits, read_time = manifest["summary"].get("splits", {}), manifest["source"]["read_time"]
    return {**{name: manifest[name] for name in names}, "splits": splits, "read_time": read_time}
