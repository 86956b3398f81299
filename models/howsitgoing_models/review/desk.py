"""Who gets which face, and what they said in this session: all in memory, for several reviewers at once."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from howsitgoing_models.review.agreement import Agreement, agreement
from howsitgoing_models.review.reading import Face
from howsitgoing_models.review.votes import contested


class NoSuchFaceError(LookupError):
    """It was never given out, or has been erased since."""


@dataclass(frozen=True)
class Progress:
    """Of one reviewer, over all that was read so far."""

    done: int
    left: int
    skipped: int
    contested: int
    """Faces on which reviewers disagree so that no label follows"""


@dataclass
class _Reviewer:
    skipped: set[str] = field(default_factory=set)
    saw: set[str] = field(default_factory=set)
    """Faces whose prediction was shown to them"""
    steps: list[str] = field(default_factory=list)
    """Faces that they judged or skipped, for undo"""


class Desk:
    """Faces by handle: a number of chance, since a sample's id tells when it was taken."""

    def __init__(self, wanted: int) -> None:
        """``wanted``: how many should look at each face."""
        self._wanted = wanted
        self._lock = threading.RLock()
        self._faces: dict[str, Face] = {}
        self._handles: dict[str, str] = {}
        self._reviewers: dict[str, _Reviewer] = {}

    def add(self, faces: Iterable[Face]) -> None:
        """Faces that were read."""
        with self._lock:
            for face in faces:
                self._faces[self._handles.setdefault(face.id, secrets.token_urlsafe(9))] = face

    def face(self, handle: str) -> Face:
        """Raises NoSuchFaceError."""
        with self._lock:
            try:
                return self._faces[handle]
            except KeyError as error:
                raise NoSuchFaceError(handle) from error

    def next(self, reviewer: str, number: int = 2) -> list[str]:
        """Handles of the faces that they should see now and after that.

        Those on which reviewers disagree come first; else an order of chance, the same for everybody, so that they meet on the
        same faces.
        """
        with self._lock:
            waiting = self._waiting(reviewer)
        return sorted(waiting, key=lambda handle: _turn(self._faces[handle]))[:number]

    def show(self, reviewer: str, handle: str) -> Face:
        """The prediction of this face is shown to them now: remembered, since it may lead them."""
        with self._lock:
            face = self.face(handle)
            self._of(reviewer).saw.add(face.id)
            return face

    def saw(self, reviewer: str, handle: str) -> bool:
        """Whether they know the prediction."""
        with self._lock:
            return self.face(handle).id in self._of(reviewer).saw

    def judged(self, reviewer: str, handle: str, value: str) -> None:
        """They said how it looks."""
        with self._lock:
            face, desk = self.face(handle), self._of(reviewer)
            face.votes[reviewer] = value
            desk.skipped.discard(face.id)
            desk.steps.append(handle)

    def skip(self, reviewer: str, handle: str) -> None:
        """They would rather not say; it is not given to them again in this session."""
        with self._lock:
            face, desk = self.face(handle), self._of(reviewer)
            desk.skipped.add(face.id)
            desk.steps.append(handle)

    def last(self, reviewer: str) -> tuple[str, Face] | None:
        """The face that they judged or skipped last, if it is still there."""
        with self._lock:
            desk = self._of(reviewer)
            while desk.steps and desk.steps[-1] not in self._faces:
                desk.steps.pop()
            return (desk.steps[-1], self._faces[desk.steps[-1]]) if desk.steps else None

    def undone(self, reviewer: str) -> None:
        """What they did `last` is taken back."""
        with self._lock:
            face, desk = self.face(self._of(reviewer).steps.pop()), self._of(reviewer)
            desk.skipped.discard(face.id)
            face.votes.pop(reviewer, None)

    def settle(self, sample: str, votes: Mapping[str, str] | None, meanwhile: Iterable[tuple[str, str | None]] = ()) -> None:
        """What Firestore has of a sample now; None: it is gone.

        Args:
            sample: its id.
            votes: reviewer -> value.
            meanwhile: (reviewer, value or None: taken back) that Firestore does not have yet; in one step with the rest, since
                others look at the same faces.
        """
        with self._lock:
            handle = self._handles.get(sample, "")
            if votes is None:
                self._faces.pop(handle, None)
            elif handle in self._faces:
                standing = {**votes, **dict(meanwhile)}
                self._faces[handle].votes = {by: value for by, value in standing.items() if value is not None}

    def recall(self, sample: str, reviewer: str, value: str | None) -> None:
        """A vote that Firestore does not have yet; None: taken back."""
        with self._lock:
            face = self._faces.get(self._handles.get(sample, ""))
            if face is not None:
                face.votes.pop(reviewer, None)
                if value is not None:
                    face.votes[reviewer] = value

    def progress(self, reviewer: str) -> Progress:
        """How far they are."""
        with self._lock:
            done = sum(reviewer in face.votes for face in self._faces.values())
            torn = sum(contested(list(face.votes.values())) for face in self._faces.values())
            return Progress(done, len(self._waiting(reviewer)), len(self._of(reviewer).skipped), torn)

    def least_left(self) -> int:
        """Of the reviewer who has the fewest faces left; before anybody has come, of somebody new."""
        with self._lock:
            return min(len(self._waiting(reviewer)) for reviewer in self._reviewers or [""])

    def agreement(self) -> Agreement:
        """Of all votes on the faces read so far."""
        with self._lock:
            said = [dict(face.votes) for face in self._faces.values()]
        return agreement(said)

    def _of(self, reviewer: str) -> _Reviewer:
        return self._reviewers.setdefault(reviewer, _Reviewer())

    def _waiting(self, reviewer: str) -> list[str]:
        skipped = self._reviewers[reviewer].skipped if reviewer in self._reviewers else set()
        return [
            handle
            for handle, face in self._faces.items()
            if reviewer not in face.votes and face.id not in skipped and face.needs(self._wanted)
        ]


def _turn(face: Face) -> tuple[bool, bytes]:
    return not contested(list(face.votes.values())), hashlib.sha256(face.id.encode()).digest()
