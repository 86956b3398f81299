"""What is wrong with a link: how long to wait, what people are shown, and what the log has not yet been told."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from howsitgoing_edge.errors import EdgeError, PermanentError
from howsitgoing_edge.mqtt.pauses import Pauses

FLAPS = 3
"""Connections that broke soon after they were made, in a row, until it counts as a trouble of its own"""

log = logging.getLogger(__name__)


class Troubles:
    """Not thread-safe: its owner locks. Times are seconds of one steady clock."""

    def __init__(self, pauses: Pauses, device_id: str) -> None:
        """None yet."""
        self._pauses = pauses
        self._flapping = (
            "the connection to the broker breaks again and again, soon after it is made; "
            f"does another device have the device.id {device_id!r} as well?"
        )
        self._current: str | None = None
        self._said: set[str] = set()
        self._up_since: float | None = None
        self._tries = 0
        self._flaps = 0

    def up(self, now: float, connected: str) -> None:
        """There is a connection. ``connected``: how to say so."""
        self._up_since = now
        self._current = None
        if connected not in self._said:
            self._said.add(connected)
            log.info("%s", connected)

    def down(self, error: EdgeError, now: float, luck: float) -> float:
        """There is none, or none any more.

        Returns:
            Seconds to wait before the next try; ``luck`` as in `Pauses.after`.
        """
        if self._is_steady(now):  # that was a recovery: begin anew
            self._tries = self._flaps = 0
            self._said.clear()
        self._tries += 1
        self._flaps += self._up_since is not None
        self._up_since = None
        self._current = str(error)
        self.note([self._current, *([self._flapping] if self._flaps >= FLAPS else [])])
        return self._pauses.after(self._tries, luck, refused=isinstance(error, PermanentError))

    def note(self, texts: Iterable[str]) -> None:
        """Log each sentence once, until a connection has held for a while."""
        for text in texts:
            if text not in self._said:
                self._said = {said for said in self._said if not said.startswith("connected")} | {text}
                log.warning("%s", text)

    def knows(self, texts: Iterable[str]) -> bool:
        """Whether all these were logged."""
        return self._said.issuperset(texts)

    def shown(self, now: float) -> list[str]:
        """For people, the worst first."""
        flapping = self._flaps >= FLAPS and not self._is_steady(now)
        return [text for text in (self._current, self._flapping if flapping else None) if text]

    def _is_steady(self, now: float) -> bool:
        return self._up_since is not None and now - self._up_since >= self._pauses.steady
