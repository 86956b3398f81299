"""Folders where fetched model files are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

import platformdirs

from howsitgoing_edge.errors import StorageError

SYSTEM: Final = Path("/var/lib/howsitgoing/models")
"""For all users of the machine, a service of its own without a home among them."""


def folders() -> list[Path]:
    """Where files are looked for, best first: the user's data folder, the system's, a temporary one."""
    temporary = Path(tempfile.gettempdir()) / f"howsitgoing-models-{os.getuid()}"  # anybody's files: read only if the hash fits
    try:
        own = [platformdirs.user_data_path("howsitgoing", appauthor=False) / "models"]
    except RuntimeError:  # neither HOME nor an entry in the user database
        own = []
    return [*own, SYSTEM, temporary]


def folder_to_write() -> Path:
    """The first of `folders` that can be written, made if need be.

    Raises:
        StorageError: none can.
    """
    reasons = []
    for folder in folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reasons.append(f"{folder} ({error.strerror})")
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
        reasons.append(f"{folder} (not writable)")
    raise StorageError(f"model files can be kept nowhere: {', '.join(reasons)}")
