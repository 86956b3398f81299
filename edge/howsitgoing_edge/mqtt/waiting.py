"""What waits for the broker: the newest of every retained topic, and news that is still news. Pure; time is an argument."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from howsitgoing_edge.contract import DELIVERY, Topic

LIFE: Final = {Topic.EVENT: 10.0, Topic.ERROR: 10.0, Topic.FACE: 1.0}
"""Seconds after which a message that could not be sent is no news any more and is dropped"""
ROOM: Final = {Topic.EVENT: 32, Topic.ERROR: 16, Topic.FACE: 1}
"""How many of a kind wait at most; one more drops the oldest of its kind"""
STATE_FIRST: Final = (Topic.INFO, Topic.SETTINGS, Topic.MOOD, Topic.HEALTH, Topic.AVAILABILITY)
"""Order after a connect: who sees ``online`` finds everything else up to date."""


@dataclass(frozen=True)
class Letter:
    """One message on its way."""

    kind: Topic
    payload: bytes


@dataclass(frozen=True)
class _News:
    letter: Letter
    until: float


class Waiting:
    """Not thread-safe: its owner locks.

    Retained topics hold a state, so only their newest payload counts, and all of them are sent again after a connect.
    Everything else happens once: it is handed out at most once and never kept past its life.
    """

    def __init__(self) -> None:
        """Nothing waits, nothing was dropped."""
        self.dropped: Counter[str] = Counter()
        """Messages that were never handed out, by topic"""
        self._state: dict[Topic, bytes] = {}
        self._stale: set[Topic] = set()
        self._news: deque[_News] = deque()

    def __len__(self) -> int:
        return len(self._stale) + len(self._news)

    def put(self, kind: Topic, payload: bytes, now: float) -> None:
        """Add a message. ``now``: seconds on any steady clock, the same for all calls.

        Raises:
            ValueError: ``kind`` is a command: the device receives these.
        """
        if DELIVERY[kind].retain:
            self._state[kind] = payload
            self._stale.add(kind)
            return
        if kind not in LIFE:
            raise ValueError(f"{kind} is a command; the device does not publish it")
        same = [news for news in self._news if news.letter.kind == kind]
        if len(same) >= ROOM[kind]:
            self._news.remove(same[0])
            self.dropped[kind] += 1
        self._news.append(_News(Letter(kind, payload), now + LIFE[kind]))

    def take(self, now: float) -> Letter | None:
        """The next message to send, state before news; None: nothing waits."""
        for kind in STATE_FIRST:
            if kind in self._stale:
                self._stale.remove(kind)
                return Letter(kind, self._state[kind])
        while self._news:
            news = self._news.popleft()
            if now < news.until:
                return news.letter
            self.dropped[news.letter.kind] += 1
        return None

    def send_state_again(self) -> None:
        """After a connect: the broker may have lost what it retained, or have published the last will."""
        self._stale.update(self._state)
