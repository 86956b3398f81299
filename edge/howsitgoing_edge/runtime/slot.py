"""One place for the newest frame: what was not taken in time is replaced, never queued."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class LatestSlot(Generic[Item]):
    """Hands items from one thread to another and holds at most one."""

    def __init__(self) -> None:
        """Empty and open."""
        self._changed = Condition()
        self._item: Item | None = None
        self._closed = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """Items that were replaced before anybody took them."""
        return self._replaced

    def put(self, item: Item) -> None:
        """Leave ``item``; replaces one that is still there. Never blocks."""
        with self._changed:
            self._replaced += self._item is not None
            self._item = item
            self._changed.notify_all()

    def put_wait(self, item: Item) -> bool:
        """Leave ``item`` once the place is free, for clips of which every frame counts. False: closed meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is None or self._closed)
            if self._closed:
                return False
            self._item = item
            self._changed.notify_all()
            return True

    def take(self, timeout: float) -> Item | None:
        """The item, waiting for one up to ``timeout`` seconds. None: none came, or closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """No more items; wakes whoever waits. What is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Closed and emptied."""
        with self._changed:
            return self._closed and self._item is None
