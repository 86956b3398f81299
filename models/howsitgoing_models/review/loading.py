"""Reads faces onto the desk before reviewers run out of them."""

from __future__ import annotations

import threading
from typing import Final

from howsitgoing_models.errors import DataError, UnreachableError
from howsitgoing_models.review.desk import Desk
from howsitgoing_models.review.reading import Reading

_AHEAD: Final = 100
"""Faces that a reviewer has before them at least, as long as there are any"""
_AGAIN_S: Final = 2.0
_LOOK_S: Final = 0.5


class Loader:
    """A thread of its own, from `start` to `close`."""

    def __init__(self, reading: Reading, desk: Desk) -> None:
        """Fills ``desk`` with what ``reading`` finds."""
        self._reading = reading
        self._desk = desk
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faces", daemon=True)
        self.problem: str | None = None
        """Why nothing is read just now"""

    @property
    def finished(self) -> bool:
        """Whether all was read."""
        return self._reading.finished

    def first(self) -> None:
        """Read once, and say at once what is wrong. Raises DataError: a name, an account, or no network."""
        self._desk.add(self._reading.page())

    def start(self) -> None:
        """Go on reading whenever somebody needs more."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._end.set()
        self._thread.join(10)
        self._reading.close()

    def _run(self) -> None:
        while not self._reading.finished and not self._end.is_set():
            if self._desk.least_left() >= _AHEAD:
                self._end.wait(_LOOK_S)
                continue
            try:
                self._desk.add(self._reading.page())
                self.problem = None
            except UnreachableError:
                self.problem = "Firestore cannot be reached just now. What was read before can be reviewed."
                self._end.wait(_AGAIN_S)
            except DataError as error:
                self.problem = str(error)
                self._end.wait(_AGAIN_S)
