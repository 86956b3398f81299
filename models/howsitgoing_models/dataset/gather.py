"""First step: documents and crops of one part of the collection into packs; what is packed already is not fetched again.

While the crops of one pack are fetched, the documents of the next are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from howsitgoing_models.dataset import packs
from howsitgoing_models.dataset.choose import Look, Slim, check, look, order_of, split_of
from howsitgoing_models.dataset.crops import Crops
from howsitgoing_models.dataset.crops import read as read_crop
from howsitgoing_models.dataset.documents import clock_jumped, read
from howsitgoing_models.dataset.firestore import Collection, Document
from howsitgoing_models.dataset.packs import Tally
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.reasons import LeftOut, Reason
from howsitgoing_models.dataset.request import Plan
from howsitgoing_models.dataset.row import PICTURE, Row, group_of

CHUNK: Final = 2000
"""Documents in a pack: what an interruption costs at most, in each part"""
Part = tuple[int, str | None, str | None]
Wanted = tuple[Row, dict[str, Any]]


def gather(part: Part, plan: Plan, place: Place, collection: Collection, crops: Crops) -> Iterator[Slim]:
    """All samples of one part, packed."""
    number, first, behind = part

    def documents(after: str | None) -> list[Document]:
        return list(collection.read(first, behind, after, CHUNK))

    after: str | None = None
    chunk = 0
    coming: Future[list[Document]] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="documents") as ahead:
        while True:
            name = packs.name_of(number, chunk)
            packed = packs.load(place, name)
            if packed is None:
                found = (coming or ahead.submit(documents, after)).result()
                coming = ahead.submit(documents, found[-1].name) if len(found) == CHUNK else None
                packed = _pack(place, name, found, plan, crops)
            else:
                coming = None  # was of this pack
            tally, samples = packed
            yield from samples
            if tally.documents < CHUNK:
                return
            after, chunk = tally.last, chunk + 1


def count(part: Part, plan: Plan, collection: Collection, told: Callable[[str], None]) -> None:
    """What `gather` would see of a part, without its pictures: each document's reason, or split and label, is told."""
    _, first, behind = part
    after: str | None = None
    while True:
        tally = Tally()
        for row, _ in _wanted(collection.read(first, behind, after, CHUNK), plan, tally):
            told(f"split:{row['split']}")
            told(f"label:{row['label'] or 'none'}")
        for reason, times in tally.left_out.items():
            for _ in range(times):
                told(f"left_out:{reason}")
        if tally.documents < CHUNK:
            return
        after = tally.last


def _pack(place: Place, name: str, documents: Iterable[Document], plan: Plan, crops: Crops) -> tuple[Tally, list[Slim]]:
    tally = Tally()
    samples: list[Slim] = []
    offset = 0
    with place.write(name, durable=False) as file:
        for row, got in crops.each(partial(_looked_at, crops), _wanted(documents, plan, tally)):
            if isinstance(got, LeftOut):
                tally.leave_out(row["id"], got)
                continue
            jpeg, seen = got
            length = packs.add(file, {**row, PICTURE: jpeg})
            track = f"{row['device_id']}/{row['session']}/{row['track']}"
            slim = (row["split"], group_of(row), track, row["sha256"], seen.print, seen.thumb, order_of(row))
            samples.append(Slim(row["id"], (name, offset, length), *slim))
            offset += length
    tally.size = offset
    packs.finish(place, name, tally, samples)
    return tally, samples


def _looked_at(crops: Crops, wanted: Wanted) -> tuple[Row, tuple[bytes, Look] | LeftOut]:
    row, where = wanted
    try:
        jpeg, gray = read_crop(row, crops.get(where))
    except LeftOut as left:
        return row, left
    return row, (jpeg, look(gray))


def _wanted(documents: Iterable[Document], plan: Plan, tally: Tally) -> Iterator[Wanted]:
    """Rows that come out if their crops are good, with where those are."""
    for document in documents:
        tally.documents += 1
        tally.last = document.name
        try:
            row, image = read(document.name, document.content)
            check(row, document.changed, plan)
        except LeftOut as left:
            tally.leave_out(document.name, left)
            continue
        if image is None:
            tally.leave_out(document.name, LeftOut(Reason.NO_PICTURE))
            continue
        row["split"] = split_of(group_of(row), plan.request.shape)
        tally.warnings["clock_jumped"] += clock_jumped(row)
        yield row, dict(image)
