"""Faces that wait for a reviewer, out of Firestore: in the order in which the cloud received them, some at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from howsitgoing_models.dataset.choose import check
from howsitgoing_models.dataset.documents import moment, read, to_text
from howsitgoing_models.dataset.firestore import Collection, translated
from howsitgoing_models.dataset.reasons import LeftOut, Reason
from howsitgoing_models.dataset.request import Filters, Plan, Request, Source
from howsitgoing_models.dataset.row import Row
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.review.votes import BrokenVotesError, contested, standing, values
from howsitgoing_models.review.writing import TIMEOUT_S

PAGE: Final = 300
"""Documents read at once"""


@dataclass(frozen=True)
class Prediction:
    """What the network said: shown to reviewers, never a label."""

    emotion: str
    """One of the seven, ``none`` or ``unsure``"""
    confidence: float
    scores: dict[str, float]
    model: str


@dataclass
class Face:
    """One sample that has a picture."""

    id: str
    image: dict[str, str]
    """Where its crop lies: ``{bucket, path}``"""
    row: Row
    """The document, as exports have it"""
    votes: dict[str, str]
    """Pseudonym -> what they say"""

    @property
    def prediction(self) -> Prediction:
        """Of the network on the device."""
        row = self.row
        scores = {name: float(row[f"score_{name}"]) for name in EMOTIONS}
        return Prediction(row["prediction"], float(row["confidence"]), scores, row["model_id"])

    def needs(self, wanted: int) -> bool:
        """Whether somebody should still look: fewer than ``wanted`` did, or they disagree."""
        return len(self.votes) < wanted or contested(list(self.votes.values()))


@dataclass
class Reading:
    """A walk through the collection; goes on where it was after `UnreachableError`."""

    source: Source
    filters: Filters
    per_track: int
    """Of one face's appearance at one device not more than so many"""
    finished: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    _after: tuple[Any, str] | None = None
    _tracks: Counter[str] = field(default_factory=Counter)
    _plan: Plan | None = None
    _client: Any = None

    def page(self) -> list[Face]:
        """The next faces; erased and expired ones are left out, as they are in exports.

        Raises:
            UnreachableError: later it may work.
            DataError: this account may not, or there is none.
        """
        if self._plan is None:
            self._begin()
        faces: list[Face] = []
        documents = self._documents()
        for found in documents:
            try:
                faces.append(self._face(found.id, to_text(found.update_time), found.to_dict()))
            except LeftOut as left:
                self.left_out[left.reason] += 1
            except BrokenVotesError:
                self.left_out["broken_votes"] += 1
        self.finished = len(documents) < PAGE
        if documents:
            self._after = documents[-1].get("received_at"), documents[-1].id
        return faces

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()

    def _begin(self) -> None:
        from google.cloud import firestore

        collection = Collection(self.source, None)
        try:
            devices, consents = collection.tombstones()
            request = Request(self.source, self.filters)
            self._plan = Plan(request, collection.read_time, (), devices, consents)
        finally:
            collection.close()
        with translated(self.source):
            self._client = firestore.Client(project=self.source.project, database=self.source.database)

    def _documents(self) -> list[Any]:
        from google.api_core.retry import Retry
        from google.cloud.firestore import FieldFilter

        samples = self._client.collection(self.source.collection)
        query = samples.order_by("received_at").order_by("__name__").limit(PAGE)
        for operator, bound in ((">=", self.filters.since), ("<", self.filters.until)):
            if bound is not None:
                query = query.where(filter=FieldFilter("received_at", operator, moment(bound)))
        if self._after is not None:
            received, name = self._after
            query = query.start_after({"received_at": received, "__name__": samples.document(name)})
        with translated(self.source):
            return list(query.stream(retry=Retry(timeout=TIMEOUT_S), timeout=6 * TIMEOUT_S))

    def _face(self, name: str, changed: str, content: dict[str, Any]) -> Face:
        assert self._plan is not None  # noqa: S101  page() begins
        row, image = read(name, content)
        check(row, changed, self._plan)
        if image is None:
            raise LeftOut(Reason.NO_PICTURE)
        track = f"{row['device_id']}/{row['session']}/{row['track']}"
        if self._tracks[track] >= self.per_track:
            raise LeftOut(Reason.TRACK_FULL)
        self._tracks[track] += 1
        return Face(row["id"], {"bucket": image["bucket"], "path": image["path"]}, row, values(standing(content)))
