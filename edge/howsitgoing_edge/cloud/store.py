"""The outbox's file behind a lock: every change is whole and on the disk, and a damaged file is replaced."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Final, TypeVar

from howsitgoing_edge.cloud.tables import BrokenFileError, connect, is_broken
from howsitgoing_edge.errors import StorageError

_BESIDE: Final = ("-wal", "-shm")
"""Endings of the files that SQLite puts beside its own"""
_PAGES_AT_ONCE: Final = 2000
"""So that nobody waits long for the lock"""
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Store:
    """Opened at first use. Thread-safe; other processes may use the file at the same time."""

    def __init__(self, file: Path) -> None:
        """``file`` is made when it is needed."""
        self.file = file
        self.aside = file.with_name(file.name + ".broken")
        """Where a damaged file is moved"""
        self.lock = RLock()
        self._open: sqlite3.Connection | None = None

    def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What ``work`` returns, after all it did is on the disk; it may be called twice.

        Raises:
            StorageError: nothing was changed: the disk is full, the file cannot be opened, somebody else holds it.
        """
        with self.lock:
            try:
                try:
                    return self._transaction(work)
                except (BrokenFileError, sqlite3.DatabaseError) as error:
                    if isinstance(error, sqlite3.Error) and not is_broken(error):
                        raise
                    self._set_aside(error)
                    return self._transaction(work)
            except (sqlite3.Error, BrokenFileError, OSError) as error:
                self.close()
                raise StorageError(f"the outbox {self.file} cannot be used ({error}): look at the disk") from error

    def close(self) -> None:
        """Until it is used again."""
        with self.lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def compact(self, spare: int = 0) -> None:
        """Leave nothing on the disk of what was erased, and give space back that is not used, if it is ``spare`` pages or more.

        Raises:
            StorageError: what was erased may still be there.
        """
        with self.lock:
            free = self.run(lambda db: int(db.execute("PRAGMA freelist_count").fetchone()[0]))
            if self._open is None:
                return
            try:
                if free >= spare:  # not by execute(), which takes one step: that is one page
                    self._open.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE if spare else 0})")
                self._open.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                raise StorageError(f"{self.file}: what was erased may still be on the disk ({error}): try again") from error

    def drop_aside(self, before: float) -> None:
        """Erase a damaged outbox that was put aside ``before`` (Unix seconds): there may be pictures in it."""
        try:
            if self.aside.stat().st_mtime < before:
                self.aside.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("%s cannot be erased (%s)", self.aside, error.strerror)

    def _transaction(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._open is None:
            self._open = connect(self.file)
        db = self._open
        db.execute("BEGIN IMMEDIATE")
        try:
            result = work(db)
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
        return result

    def _set_aside(self, reason: Exception) -> None:
        """Rather begin anew than never send again."""
        self.close()
        self.file.replace(self.aside)
        for ending in _BESIDE:
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
        log.error("the outbox was unusable (%s): what waited in it is now in %s, and a new one is begun", reason, self.aside)
