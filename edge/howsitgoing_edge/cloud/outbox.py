"""What waits to be sent. Each method is one transaction, on the disk when it returns; each may raise StorageError."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from howsitgoing_edge.cloud import shedding
from howsitgoing_edge.cloud.contents import Contents, contents, count
from howsitgoing_edge.cloud.shedding import Shed
from howsitgoing_edge.cloud.store import Store

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from howsitgoing_edge.cloud.limits import Limits
    from howsitgoing_edge.contract import Sample

FILE_NAME: Final = "outbox.sqlite3"
_INSERT: Final = (
    "INSERT INTO sample (id, event, queued_at, size, face) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"  # kept once
)
_NEXT: Final = "SELECT seq, id, event, face, thinned FROM sample WHERE refused IS NULL AND seq > ? ORDER BY seq LIMIT 1"
_SPARE_PAGES: Final = 64
"""A quarter of a megabyte that the next samples will need again"""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parcel:
    """One sample as it lies in the outbox."""

    seq: int
    """Its place; another sample may have it later"""
    name: str
    """The sample's id"""
    event: str
    """A contract.Sample as JSON; it may name a picture that is gone"""
    face: bytes | None
    """JPEG"""
    thinned: bool
    """It had a picture that was given up; the cloud may have it with the picture"""

    @property
    def size(self) -> int:
        """Bytes of event and picture."""
        return len(self.event.encode()) + len(self.face or b"")


class Outbox:
    """Thread-safe, and safe beside other processes."""

    def __init__(self, folder: Path, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        """The file in ``folder`` is opened, or made, at first use. ``clock``: Unix seconds."""
        self.store = Store(folder / FILE_NAME)
        self.shed = Shed()
        """Given up since the start"""
        self._limits = limits
        self._clock = clock
        self._size: int | None = None
        """Bytes in it; None: not counted yet"""

    def put(self, sample: Sample, face: bytes | None) -> None:
        """Keep ``sample``."""
        event = sample.to_json()
        size = len(event.encode()) + len(face or b"")
        row = (sample.id, event, self._clock(), size, face)
        with self.store.lock:
            self._make_room(size)
            added = self.store.run(lambda db: db.execute(_INSERT, row).rowcount)
            self._size = (self._size or 0) + size * added

    def next(self, after: int = 0) -> Parcel | None:
        """The first that waits behind number ``after``, else the first of all; None: nothing waits."""

        def find(db: sqlite3.Connection) -> tuple[int, str, str, bytes | None, int] | None:
            row: tuple[int, str, str, bytes | None, int] | None = db.execute(_NEXT, (after,)).fetchone()
            return row or (db.execute(_NEXT, (0,)).fetchone() if after else None)

        row = self.store.run(find)
        return Parcel(*row[:4], thinned=bool(row[4])) if row else None

    def done(self, parcel: Parcel) -> None:
        """The cloud has it: forget it."""
        with self.store.lock:
            gone = self.store.run(lambda db: db.execute("DELETE FROM sample WHERE id = ?", (parcel.name,)).rowcount)
            self._size = max(0, (self._size or 0) - parcel.size * gone)

    def refuse(self, parcel: Parcel, reason: str, *, keep_picture: bool = True) -> None:
        """The cloud does not want it: set it aside."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("UPDATE sample SET refused = ? WHERE id = ?", (reason, parcel.name))
            if not keep_picture:
                shedding.forget_picture(db, parcel.name)

        self.store.run(work)

    def forget_pictures(self) -> int:
        """They may not be sent any more: how many were erased."""
        return self.store.run(shedding.forget_pictures)

    def tidy(self) -> None:
        """Give up what is too old, give unused space back, and count anew, since others may have changed the file."""
        now = self._clock()

        def work(db: sqlite3.Connection) -> tuple[Shed, int]:
            return shedding.expire(db, now, self._limits), count(db).size

        with self.store.lock:
            shed, self._size = self.store.run(work)
            self._note(shed)
        self.store.compact(_SPARE_PAGES)
        self.store.drop_aside(now - self._limits.picture_age)

    def contents(self) -> Contents:
        """Now."""
        return contents(self.store)

    def close(self) -> None:
        """Give the file back."""
        self.store.close()

    def _make_room(self, size: int) -> None:
        if self._size is None:
            self._size = self.store.run(count).size
        while self._size + size > self._limits.size:
            needed = self._size + size - self._limits.size
            shed = self.store.run(lambda db, needed=needed: shedding.make_room(db, needed))  # type: ignore[misc]
            self._size = max(0, self._size - shed.size)
            self._note(shed)
            if not shed.samples + shed.pictures:
                return  # this one alone is larger than the limit

    def _note(self, shed: Shed) -> None:
        first = not self.shed.samples + self.shed.pictures
        self.shed.add(shed)
        if first and shed.samples + shed.pictures:
            log.warning("the outbox is full, or holds what is too old: the oldest is given up, pictures first")
