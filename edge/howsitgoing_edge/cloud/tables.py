"""The outbox's tables, and how its file is opened so that a power cut loses nothing."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = 1
_BUSY_SECONDS: Final = 5.0
_TABLES: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE sample (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  event TEXT NOT NULL,               -- contract.Sample
  queued_at REAL NOT NULL,           -- Unix seconds
  size INTEGER NOT NULL,             -- bytes of event and picture
  thinned INTEGER NOT NULL DEFAULT 0,  -- 1: had a picture that was given up
  refused TEXT,                      -- why the cloud does not want it; NULL: waits
  face BLOB                          -- JPEG; last, so that counting does not read it
) STRICT;
CREATE INDEX waiting ON sample (seq) WHERE refused IS NULL;
CREATE INDEX pictures ON sample (seq) WHERE face IS NOT NULL;
CREATE INDEX ages ON sample (queued_at);
PRAGMA user_version = {VERSION};
COMMIT;
"""
_BROKEN: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class BrokenFileError(Exception):
    """The file is no outbox of this version."""


def connect(file: Path) -> sqlite3.Connection:
    """``file``, made if it is not there, with its tables; for its owner alone, as are the files that SQLite puts beside it.

    Raises:
        BrokenFileError: it is something else, damaged, or of a newer version.
        sqlite3.Error: it cannot be opened.
        OSError: it cannot be made.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _set_up(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_broken(error):
            raise BrokenFileError(str(error)) from error
        raise
    except BrokenFileError:
        connection.close()
        raise
    return connection


def is_broken(error: sqlite3.Error) -> bool:
    """Whether ``error`` says that the file is damaged, rather than busy, or the disk full."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _BROKEN


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # has an effect on a new file alone
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # an erased picture is not to be found in the file any more
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise BrokenFileError(f"written by a newer version ({version}; this one knows {VERSION})")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise BrokenFileError(str(found).splitlines()[-1])
    if version == 0:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise BrokenFileError("it holds something else")
        connection.executescript(_TABLES)
