"""What lies in the outbox, for people: how much, how old, what the cloud refused; and how they get rid of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from howsitgoing_edge.cloud.store import Store


@dataclass(frozen=True)
class Contents:
    """At one moment."""

    waiting: int = 0
    refused: int = 0
    pictures: int = 0
    size: int = 0
    """Bytes of all events and pictures"""
    oldest: float | None = None
    """Unix seconds at which the oldest that waits was put in"""


def samples(number: int) -> str:
    """In words."""
    return f"{number} sample" if number == 1 else f"{number} samples"


def contents(store: Store) -> Contents:
    """Raises StorageError, as all of these."""
    return store.run(count)


def refusals(store: Store) -> list[tuple[str, int]]:
    """Reason -> how many were set aside for it, the most frequent first."""
    wanted = "SELECT refused, count(*) FROM sample WHERE refused IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    return store.run(lambda db: db.execute(wanted).fetchall())


def try_again(store: Store) -> int:
    """What was set aside waits again: how many."""
    return store.run(lambda db: db.execute("UPDATE sample SET refused = NULL WHERE refused IS NOT NULL").rowcount)


def erase_all(store: Store) -> int:
    """Forget all that waits or was refused, and a damaged outbox too, so that nothing of it is left on the disk: how many."""
    store.aside.unlink(missing_ok=True)
    if not store.file.exists():
        return 0
    gone = store.run(lambda db: db.execute("DELETE FROM sample").rowcount)
    store.compact()
    return gone


def count(db: sqlite3.Connection) -> Contents:
    """Within a transaction."""
    row = db.execute(
        "SELECT count(*) FILTER (WHERE refused IS NULL), count(refused), coalesce(sum(size), 0),"
        " min(queued_at) FILTER (WHERE refused IS NULL) FROM sample"
    ).fetchone()
    pictures = db.execute("SELECT count(*) FROM sample WHERE face IS NOT NULL").fetchone()[0]
    return Contents(waiting=row[0], refused=row[1], pictures=pictures, size=row[2], oldest=row[3])
