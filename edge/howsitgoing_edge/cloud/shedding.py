"""What is given up where there is too much or it is too old: pictures before words, the oldest first. SQL alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from howsitgoing_edge.cloud.limits import Limits

_AT_ONCE: Final = 64
"""Rows in one transaction, so that nobody waits long for it"""
_WITHOUT_PICTURE: Final = "UPDATE sample SET size = size - length(face), face = NULL, thinned = 1 WHERE face IS NOT NULL"


@dataclass
class Shed:
    """What was given up."""

    samples: int = 0
    pictures: int = 0
    size: int = 0
    """Bytes"""

    def add(self, more: Shed) -> None:
        """Sum up."""
        self.samples += more.samples
        self.pictures += more.pictures
        self.size += more.size


def make_room(db: sqlite3.Connection, needed: int) -> Shed:
    """Give up the oldest until ``needed`` bytes are free, or as much as one transaction may; nothing: there is nothing left."""
    shed = Shed()
    pictures = db.execute("SELECT id, length(face) FROM sample WHERE face IS NOT NULL ORDER BY seq LIMIT ?", (_AT_ONCE,))
    for name, size in pictures.fetchall():
        if shed.size >= needed:
            return shed
        forget_picture(db, name)
        shed.add(Shed(0, 1, size))
    if shed.pictures:
        return shed
    for seq, size in db.execute("SELECT seq, size FROM sample ORDER BY seq LIMIT ?", (_AT_ONCE,)).fetchall():
        if shed.size >= needed:
            return shed
        db.execute("DELETE FROM sample WHERE seq = ?", (seq,))
        shed.add(Shed(1, 0, size))
    return shed


def expire(db: sqlite3.Connection, now: float, limits: Limits) -> Shed:
    """Give up what has waited too long; ``now``: Unix seconds."""
    samples = db.execute("DELETE FROM sample WHERE queued_at < ?", (now - limits.age,)).rowcount
    pictures = db.execute(f"{_WITHOUT_PICTURE} AND queued_at < ?", (now - limits.picture_age,)).rowcount
    return Shed(samples, pictures)


def forget_picture(db: sqlite3.Connection, name: str) -> None:
    """Give up that of the sample with this id."""
    db.execute(f"{_WITHOUT_PICTURE} AND id = ?", (name,))


def forget_pictures(db: sqlite3.Connection) -> int:
    """Give up every picture: how many there were."""
    return db.execute(_WITHOUT_PICTURE).rowcount
