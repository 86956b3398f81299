"""News as lines of JSON, for other programs: one contract event a line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from howsitgoing_edge.contract import Health, Mood, MoodChange
from howsitgoing_edge.errors import ConfigError, StorageError


class EventLines:
    """A sink that appends each event to a file, or writes it to standard output."""

    name = "events"

    def __init__(self, stream: TextIO) -> None:
        """Writes to ``stream``."""
        self._stream = stream

    @staticmethod
    def wants(message: Mood | MoodChange | Health) -> bool:
        """Whether ``message`` is an event."""
        return isinstance(message, MoodChange)

    def handle(self, message: Mood | MoodChange | Health) -> None:
        """Write ``message``, an event.

        Raises:
            StorageError: the disk is full, or nobody reads any more.
        """
        try:
            self._stream.write(message.to_json() + "\n")
            self._stream.flush()
        except OSError as error:
            raise StorageError(f"events cannot be written to {self._stream.name}: {error.strerror}") from error


def open_events(target: Path | str) -> EventLines:
    """Events to ``target``; ``-`` is standard output.

    Raises:
        ConfigError: the file cannot be opened.
    """
    if target == "-":
        return EventLines(sys.stdout)
    try:
        return EventLines(Path(target).open("a", encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"--events {target}: {error.strerror}") from error
