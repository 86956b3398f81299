"""Which samples come out, and in which split: filters, erasures, duplicates, tracks. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.twins import ALIKE, BITS_APART, fingerprints
from howsitgoing_models.dataset.documents import moment
from howsitgoing_models.dataset.reasons import LeftOut, Reason
from howsitgoing_models.dataset.request import Filters, Plan, Shape
from howsitgoing_models.dataset.row import SPLITS, Row

_SIDE: Final = 48
"""What training looks at; fingerprints are of this"""
_THUMB: Final = 16
"""Pixels a side of the picture that nearly equal ones are compared by; 256 bytes a sample travel between machines"""
_RANK: Final = {"reviewer": 0, "wearer": 1, "none": 2}
"""Of two equal pictures the better labelled one stays"""


class Slim(NamedTuple):
    """What deciding needs of a sample; the rest waits in its pack."""

    id: str
    place: tuple[str, int, int]
    """Pack, offset, length; empty for one of an earlier export"""
    split: str
    group: str
    track: str
    sha256: str
    print: str
    """Fingerprint, in hexadecimal"""
    thumb: bytes
    order: tuple[int, str]
    """Smaller stays: earlier exports, then better labelled, then earlier"""


@dataclass(frozen=True)
class Look:
    """A crop as duplicates are found by."""

    print: str
    thumb: bytes


def look(gray: npt.NDArray[np.uint8]) -> Look:
    """Fingerprint and thumbnail of a (H, W) crop."""
    seen = np.asarray(cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    thumb = np.asarray(cv2.resize(seen, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA), np.uint8)
    return Look(f"{int(fingerprints(seen[None])[0]):016x}", thumb.tobytes())


def check(row: Row, changed: str, plan: Plan) -> None:
    """Let the row pass.

    Args:
        row: without split and picture.
        changed: when its document was last changed, RFC 3339.
        plan: filters, erasures and the snapshot's time.

    Raises:
        LeftOut: with the first reason that holds.
    """
    now = moment(plan.read_time)
    if moment(row["expires_at"]) <= now:
        raise LeftOut(Reason.EXPIRED)
    if erased(row, plan.erased_devices, plan.erased_consents):
        raise LeftOut(Reason.ERASED)
    base = plan.request.base
    if base is not None and moment(changed) <= moment(base.read_time):
        raise LeftOut(Reason.UNCHANGED)
    reason = _filtered(row, plan.request.filters)
    if reason is not None:
        raise LeftOut(reason)


def erased(row: Mapping[str, str | None], devices: Mapping[str, str], consents: Container[str | None]) -> bool:
    """Whether a tombstone covers the sample: its consent was withdrawn, or what its device saw until then was erased."""
    if row["consent_reference"] in consents:
        return True
    until = devices.get(row["device_id"] or "")
    return until is not None and moment(row["noticed_at"] or "") <= moment(until)


def split_of(group: str, shape: Shape) -> str:
    """The split that all of ``group`` are in: by hash, so that it stays the same in every export."""
    place = int.from_bytes(hashlib.sha256(f"{shape.seed}/{group}".encode()).digest()[:8]) / 2**64
    if place < shape.test_share:
        return SPLITS[2]
    return SPLITS[1] if place < shape.test_share + shape.validation_share else SPLITS[0]


def order_of(row: Row) -> tuple[int, str]:
    """For `Slim.order`."""
    return _RANK[row["label_source"]], str(row["received_at"])


def shard_of(sample_id: str, shards: int) -> int:
    """0 .. ``shards`` - 1: by hash of the id alone."""
    return int.from_bytes(hashlib.sha256(sample_id.encode()).digest()[:8]) * shards >> 64


Choice = tuple[Slim, Reason | None]
"""None: it stays"""


def same_print(samples: Iterable[Slim]) -> Iterator[Choice]:
    """Of samples with one fingerprint, wherever they come from: the first of each picture stays."""
    ordered = _without_superseded(samples)
    digests: set[str] = set()
    kept: list[npt.NDArray[np.float32]] = []
    for sample in ordered:
        if sample.sha256 in digests:
            yield sample, Reason.DUPLICATE
            continue
        digests.add(sample.sha256)
        flat = _flat(sample.thumb)
        if any(float(other @ flat) > ALIKE for other in kept):
            yield sample, Reason.NEAR_DUPLICATE
            continue
        kept.append(flat)
        yield sample, None


def thinned(samples: Iterable[Slim], per_track: int) -> Iterator[Choice]:
    """Of one group: nearly equal pictures once, and at most ``per_track`` of each track."""
    ordered = _without_superseded(samples)
    prints = np.array([int(sample.print, 16) for sample in ordered], np.uint64)
    flats = np.stack([_flat(sample.thumb) for sample in ordered])
    kept = np.zeros(len(ordered), np.intp)
    number = 0
    tracks: dict[str, int] = {}
    for place, sample in enumerate(ordered):
        before = kept[:number]
        near = before[np.bitwise_count(prints[before] ^ prints[place]) <= BITS_APART]
        if len(near) and bool((flats[near] @ flats[place] > ALIKE).any()):
            yield sample, Reason.NEAR_DUPLICATE
        elif tracks.get(sample.track, 0) >= per_track:
            yield sample, Reason.TRACK_FULL
        else:
            tracks[sample.track] = tracks.get(sample.track, 0) + 1
            kept[number] = place
            number += 1
            yield sample, None


def _without_superseded(samples: Iterable[Slim]) -> Sequence[Slim]:
    """In order; an earlier export's row that comes anew, because somebody labelled it, does not stand in its own way."""
    rows = sorted(samples, key=lambda sample: (sample.order, sample.id))
    anew = {sample.id for sample in rows if sample.place[0]}
    return [sample for sample in rows if sample.place[0] or sample.id not in anew]


def _flat(thumb: bytes) -> npt.NDArray[np.float32]:
    flat = np.frombuffer(thumb, np.uint8).astype(np.float32)
    flat -= flat.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), np.float32)


def _filtered(row: Row, filters: Filters) -> Reason | None:
    received = moment(row["received_at"])
    early = filters.since is not None and received < moment(filters.since)
    late = filters.until is not None and received >= moment(filters.until)
    readable = row["readable"] if row["readable"] is not None else 0.0
    table = (
        (early or late, Reason.NOT_IN_TIME),
        (bool(filters.devices) and row["device_id"] not in filters.devices, Reason.OTHER_DEVICE),
        (bool(filters.consents) and row["consent_scope"] not in filters.consents, Reason.OTHER_CONSENT),
        (bool(filters.label_sources) and row["label_source"] not in filters.label_sources, Reason.OTHER_LABEL_SOURCE),
        (bool(filters.models) and row["model_id"] not in filters.models, Reason.OTHER_MODEL),
        (readable < filters.readable, Reason.NOT_READABLE),
    )
    return next((reason for holds, reason in table if holds), None)
