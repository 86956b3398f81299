"""One review session: all parts joined. The page and its server know this class alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from howsitgoing_models.dataset.crops import Crops
from howsitgoing_models.dataset.crops import read as read_crop
from howsitgoing_models.dataset.reasons import CAPTIONS, LeftOut
from howsitgoing_models.dataset.request import Filters, Source
from howsitgoing_models.errors import DataError
from howsitgoing_models.review.agreement import Agreement
from howsitgoing_models.review.desk import Desk, NoSuchFaceError, Progress
from howsitgoing_models.review.journal import Journal, place_of
from howsitgoing_models.review.loading import Loader
from howsitgoing_models.review.names import check_label, check_pseudonym
from howsitgoing_models.review.reading import Prediction, Reading
from howsitgoing_models.review.rules import Rules, Shown
from howsitgoing_models.review.sending import Sender
from howsitgoing_models.review.votes import Vote
from howsitgoing_models.review.writing import Writer

_PATIENCE_S: Final = 5.0
"""For a picture that a reviewer is waiting for"""


@dataclass(frozen=True)
class Status:
    """What stands around the face."""

    progress: Progress
    agreement: Agreement
    waiting: int
    """Votes that Firestore does not have yet"""
    lost: int
    finished: bool
    """All faces have been read"""
    problems: tuple[str, ...]


class Session:
    """Faces out, votes in, for any number of reviewers at one machine."""

    def __init__(
        self, source: Source, filters: Filters, rules: Rules, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Raises DataError: there is no account, or the journal cannot be written."""
        self.rules = rules
        self._now = now
        self._lock = threading.RLock()
        self._desk = Desk(rules.wanted)
        self.journal = Journal(place_of(source))
        self._writer = Writer(source)
        self._crops = Crops(patience_s=_PATIENCE_S)
        self._loader = Loader(Reading(source, filters, rules.per_track), self._desk)
        self._sender = Sender(self.journal, self._writer, self._settle)
        self._unusable = 0
        self.left_waiting = 0
        """Votes that were not sent in the end; they are next time"""

    def __enter__(self) -> Self:
        """Read the first faces. Raises DataError: they cannot be read."""
        try:
            self._loader.first()
            self._remember_waiting()
        except DataError:
            self._hang_up()
            raise
        self._loader.start()
        self._sender.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Send what can be sent, and stop."""
        self.left_waiting = self._sender.close()
        self._loader.close()
        self._hang_up()

    def _hang_up(self) -> None:
        self._crops.close()
        self._writer.close()
        self.journal.close()

    def next(self, reviewer: str) -> list[str]:
        """Handles of the face to judge and the one after it."""
        return self._desk.next(check_pseudonym(reviewer))

    def picture(self, handle: str) -> bytes:
        """The crop, as it lies in Storage, and nowhere on this machine's disk.

        Raises:
            NoSuchFaceError: there is none any more, or it is unusable; the face is not given out again.
            UnreachableError: later it may work.
        """
        face = self._desk.face(handle)
        try:
            jpeg, _ = read_crop(face.row, self._crops.get(face.image))
        except LeftOut as left:
            self._desk.settle(face.id, None)
            self._unusable += 1
            raise NoSuchFaceError(CAPTIONS[left.reason]) from left
        return jpeg

    def prediction(self, reviewer: str, handle: str) -> Prediction | None:
        """What the network said, from now on known to this reviewer; None: nobody is to know."""
        if self.rules.shown is Shown.NEVER:
            return None
        return self._desk.show(check_pseudonym(reviewer), handle).prediction

    def knows(self, reviewer: str, handle: str) -> bool:
        """Whether they are to see the prediction without asking: always, or because they have seen it."""
        always = self.rules.shown is Shown.ALWAYS
        return self.rules.shown is not Shown.NEVER and (always or self._desk.saw(check_pseudonym(reviewer), handle))

    def vote(self, reviewer: str, handle: str, value: str) -> Prediction | None:
        """Keep what they say; it is sent by and by.

        Returns:
            What the network said, now that the choice is made; None: nobody is to know.

        Raises:
            ParameterError: no pseudonym, or a label outside the list.
            NoSuchFaceError: the face is gone.
            DataError: it could not be kept.
        """
        check_pseudonym(reviewer)
        check_label(value)
        with self._lock:
            face, saw = self._desk.face(handle), self._desk.saw(reviewer, handle)
            self.journal.put(Vote(face.id, reviewer, value, self._now(), saw))
            self._desk.judged(reviewer, handle, value)
            known = self.prediction(reviewer, handle)
        self._sender.wake()
        return known

    def skip(self, reviewer: str, handle: str) -> None:
        """They would rather not say. Raises as `vote`."""
        self._desk.skip(check_pseudonym(reviewer), handle)

    def undo(self, reviewer: str) -> str | None:
        """Take back what they did last; the face's handle. Raises as `vote`."""
        check_pseudonym(reviewer)
        with self._lock:
            last = self._desk.last(reviewer)
            if last is None:
                return None
            handle, face = last
            if reviewer in face.votes:
                self.journal.put(Vote(face.id, reviewer, None, self._now()))
            self._desk.undone(reviewer)
        self._sender.wake()
        return handle

    def status(self, reviewer: str) -> Status:
        """How far it is, and what is wrong."""
        problems = [problem for problem in (self._sender.problem, self._loader.problem) if problem]
        if self._unusable:
            problems.append(f"{self._unusable} left out: the picture is gone or broken.")
        return Status(
            self._desk.progress(check_pseudonym(reviewer)),
            self._desk.agreement(),
            len(self.journal),
            self._sender.lost,
            self._loader.finished,
            tuple(problems),
        )

    def _remember_waiting(self) -> None:
        """Votes of the last time that Firestore does not have yet."""
        for vote in self.journal.waiting():
            self._desk.recall(vote.sample, vote.by, vote.value)

    def _settle(self, sample: str, votes: Mapping[str, str] | None) -> None:
        """Firestore's votes, and over them what was said here meanwhile."""
        with self._lock:
            meanwhile = [(vote.by, vote.value) for vote in self.journal.waiting() if vote.sample == sample]
            self._desk.settle(sample, votes, meanwhile)
