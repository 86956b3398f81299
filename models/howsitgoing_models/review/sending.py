"""Takes votes from the journal to Firestore, one after another; while Firestore is away it waits and says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from howsitgoing_models.errors import DataError, UnreachableError
from howsitgoing_models.review.journal import Journal
from howsitgoing_models.review.votes import Vote
from howsitgoing_models.review.writing import Written

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 15.0


class Writes(Protocol):
    """`howsitgoing_models.review.writing.Writer`, or whatever stands for it."""

    def apply(self, sample: str, votes: list[Vote]) -> Written:
        """Give the sample these votes."""


class Sender:
    """A thread of its own, from `start` to `close`."""

    def __init__(self, journal: Journal, writer: Writes, settled: Callable[[str, Mapping[str, str] | None], None]) -> None:
        """``settled`` is told what Firestore has of a sample after each vote that arrived."""
        self._journal = journal
        self._writer = writer
        self._settled = settled
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="votes", daemon=True)
        self.problem: str | None = None
        """Why nothing arrives just now"""
        self.lost: int = 0
        """Votes on faces that were erased meanwhile, or whose document is broken"""

    def start(self) -> None:
        """Begin, with what waits from last time."""
        self._thread.start()

    def wake(self) -> None:
        """Something was put into the journal."""
        with self._wake:
            self._wake.notify_all()

    def close(self, within: float = 5.0) -> int:
        """Send what can be sent in that time; how many wait for the next time."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join(within)
        return len(self._journal)

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while True:
            try:
                sent = self._send_one()
                wait, self.problem = _FIRST_WAIT_S, None
            except DataError as error:
                self.problem, sent = _plain(error), False
                if self._closing:
                    return
                self._pause(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
                continue
            if not sent:
                if self._closing:
                    return
                self._pause(None)

    def _send_one(self) -> bool:
        """Whether there was one."""
        first = self._journal.oldest()
        if first is None:
            return False
        number, vote = first
        written = self._writer.apply(vote.sample, [vote])
        self._journal.done(number)
        self.lost += written.votes is None
        self._settled(vote.sample, written.votes)
        return True

    def _pause(self, seconds: float | None) -> None:
        with self._wake:
            if not self._closing and (seconds is not None or not len(self._journal)):
                self._wake.wait(seconds)


def _plain(error: DataError) -> str:
    if isinstance(error, UnreachableError):
        return "Firestore cannot be reached just now. Go on: labels are kept on this machine and sent when it is back."
    return str(error)
