"""Votes that Firestore does not have yet, in a file: neither an outage nor a power cut takes any."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import platformdirs

from howsitgoing_models.dataset.request import Source
from howsitgoing_models.errors import DataError
from howsitgoing_models.review.votes import Vote

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, sample TEXT NOT NULL, reviewer TEXT NOT NULL, value TEXT, at TEXT NOT NULL,
    saw_prediction INTEGER, UNIQUE (sample, reviewer) ON CONFLICT REPLACE
)"""


def place_of(source: Source) -> Path:
    """Where the votes for one database wait."""
    name = f"{source.project}.{source.database.strip('()')}.{source.collection}.sqlite"
    return platformdirs.user_data_path("howsitgoing", appauthor=False) / "review" / name


class Journal:
    """One for each database; may be used by several threads, and by several pages at once."""

    def __init__(self, file: Path) -> None:
        """Raises DataError: the file cannot be made or is none of ours."""
        self.file = file
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            self._db = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
            for line in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", _TABLE):
                self._db.execute(line)
        except (OSError, sqlite3.Error) as error:
            raise DataError(f"{file}: votes cannot be kept there: {error}") from error

    def put(self, vote: Vote) -> None:
        """Keep it until it is sent; it takes the place of what the same reviewer said of the same face.

        Raises:
            DataError: it is not kept: the disk is full, or may not be written to.
        """
        row = (vote.sample, vote.by, vote.value, vote.at.isoformat(), vote.saw_prediction)
        with self._translated():
            self._db.execute("INSERT INTO waiting (sample, reviewer, value, at, saw_prediction) VALUES (?, ?, ?, ?, ?)", row)

    def oldest(self) -> tuple[int, Vote] | None:
        """What has waited longest, and its number."""
        with self._translated():
            columns = "number, sample, reviewer, value, at, saw_prediction"
            found = self._db.execute(f"SELECT {columns} FROM waiting ORDER BY number LIMIT 1").fetchone()  # noqa: S608  ours
        return None if found is None else (int(found[0]), _vote(found[1:]))

    def done(self, number: int) -> None:
        """It has arrived. What was said of the same face meanwhile has another number, and stays."""
        with self._translated():
            self._db.execute("DELETE FROM waiting WHERE number = ?", (number,))

    def waiting(self) -> list[Vote]:
        """All, the oldest first."""
        with self._translated():
            rows = self._db.execute(
                "SELECT sample, reviewer, value, at, saw_prediction FROM waiting ORDER BY number"
            ).fetchall()
        return [_vote(row) for row in rows]

    def __len__(self) -> int:
        """How many wait."""
        with self._translated():
            return int(self._db.execute("SELECT count(*) FROM waiting").fetchone()[0])

    def close(self) -> None:
        """Close the file, which stays."""
        self._db.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise DataError(f"{self.file}: {error}; this vote was not kept") from error


def _vote(row: tuple[str, str, str | None, str, int | None]) -> Vote:
    sample, by, value, at, saw = row
    return Vote(sample, by, value, datetime.fromisoformat(at), None if saw is None else bool(saw))
