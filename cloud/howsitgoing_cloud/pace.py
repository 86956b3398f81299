"""No more than one message a second to each dashboard, and of those that wait only the newest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SECONDS: Final = 1.0
_IDLE: Final = 60.0


@dataclass
class _Turn:
    newest: int = 0
    sent: float = float("-inf")


class Pace:
    """For many threads of one process. What several instances of a function send is paced by `howsitgoing_cloud.push`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        """Nobody has sent anything yet."""
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    def my_turn(self, whose: str) -> bool:
        """Wait until a message may be sent; False if another call came meanwhile, which sends something newer."""
        with self._lock:
            self._forget_the_idle()
            turn = self._turns.setdefault(whose, _Turn())
            turn.newest += 1
            mine, wait = turn.newest, turn.sent + SECONDS - self._clock()
        if wait > 0:
            self._sleep(wait)
        with self._lock:
            if turn.newest != mine:
                return False
            turn.sent = self._clock()
            return True

    def _forget_the_idle(self) -> None:
        now = self._clock()
        for whose in [whose for whose, turn in self._turns.items() if _IDLE < now - turn.sent < float("inf")]:
            del self._turns[whose]
