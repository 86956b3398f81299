"""A thread and a bounded queue for each sink, so that a slow or dead one holds up nobody."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

from howsitgoing_edge.core.ports import Sink
from howsitgoing_edge.errors import EdgeError

Message = TypeVar("Message")
log = logging.getLogger(__name__)


class SinkWorker(Generic[Message]):
    """Delivers messages to one sink in order. Full = the oldest is dropped and counted."""

    def __init__(
        self, sink: Sink[Message], capacity: int = 32, wants: Callable[[Message], bool] = lambda _message: True
    ) -> None:
        """Starts the thread. What the sink does not want is not queued."""
        self._sink = sink
        self._wants = wants
        self._waiting: deque[Message] = deque()
        self._capacity = capacity
        self._changed = Condition()
        self._closing = False
        self._failing = False
        self.dropped = 0
        self._thread = Thread(target=self._work, name=f"sink-{sink.name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The sink's name."""
        return self._sink.name

    @property
    def waiting(self) -> int:
        """Messages not yet delivered."""
        return len(self._waiting)

    def offer(self, message: Message) -> None:
        """Queue ``message`` if it is wanted. Never blocks."""
        if not self._wants(message):
            return
        with self._changed:
            if len(self._waiting) >= self._capacity:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(message)
            self._changed.notify()

    def close(self, timeout: float = 0.5) -> None:
        """Deliver what waits, for at most ``timeout`` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)

    def _work(self) -> None:
        while (message := self._next()) is not None:
            try:
                self._sink.handle(message)
                self._failing = False
            except EdgeError as error:
                self.dropped += 1
                if not self._failing:  # say it once, not once a message
                    log.warning("%s: %s", self._sink.name, error)
                self._failing = True

    def _next(self) -> Any:  # noqa: ANN401  Message | None; a generic cannot be narrowed through the queue
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting.popleft() if self._waiting else None
