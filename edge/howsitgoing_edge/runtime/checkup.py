"""Looks after the device's health now and then, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread


class Checkup:
    """Calls ``check`` every so many seconds, and at once when `now` is called."""

    def __init__(self, every: float, check: Callable[[], None]) -> None:
        """Begins with `start`."""
        self._every = every
        self._check = check
        self._wake = Event()
        self._closing = False
        self._thread = Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Check once, then regularly."""
        self._thread.start()

    def now(self) -> None:
        """Something important changed: check soon. Never blocks."""
        self._wake.set()

    def close(self) -> None:
        """No more checks."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(0.5)

    def _run(self) -> None:
        while not self._closing:
            self._check()
            self._wake.wait(self._every)
            self._wake.clear()
