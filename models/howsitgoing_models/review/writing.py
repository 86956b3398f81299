"""Votes into Firestore: read, revised, and written only if nobody else wrote meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from howsitgoing_models.dataset.firestore import translated
from howsitgoing_models.dataset.request import Source
from howsitgoing_models.errors import UnreachableError
from howsitgoing_models.review.votes import BrokenVotesError, Outcome, Vote, revised, standing, values

TIMEOUT_S: Final = 3.0
"""Of a call, with all its tries: somebody waits in front of the page"""
_ROUNDS: Final = 20
"""Each is lost only to somebody else's write on the same document"""


@dataclass(frozen=True)
class Written:
    """What became of the votes on one sample."""

    outcomes: tuple[Outcome, ...]
    votes: dict[str, str] | None
    """All that the document has now; None: it is gone, or cannot be understood"""


class Writer:
    """One client; may be used by several threads."""

    def __init__(self, source: Source) -> None:
        """Raises DataError: there is no account."""
        from google.api_core.retry import Retry
        from google.cloud import firestore

        self._source = source
        with translated(source):
            self._client = firestore.Client(project=source.project, database=source.database)
        self._again = Retry(initial=0.1, maximum=1.0, timeout=TIMEOUT_S)

    def apply(self, sample: str, votes: Sequence[Vote]) -> Written:
        """Give the sample these votes. A second time is harmless; a sample that is gone is not made again.

        Raises:
            UnreachableError: later it may work.
            DataError: this account may not.
        """
        for _ in range(_ROUNDS):
            with translated(self._source):
                done = self._round(sample, votes)
            if done is not None:
                return done
        raise UnreachableError(f"sample {sample} is changed by others all the time; the same again goes on")

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _round(self, sample: str, votes: Sequence[Vote]) -> Written | None:
        from google.api_core.exceptions import FailedPrecondition, NotFound

        gone = Written((Outcome.GONE,) * len(votes), None)
        document = self._client.collection(self._source.collection).document(sample)
        found = document.get(retry=self._again, timeout=TIMEOUT_S)
        if not found.exists:
            return gone
        content = found.to_dict()
        try:
            changes, outcomes = revised(content, votes)
        except BrokenVotesError:
            return Written((Outcome.BROKEN,) * len(votes), None)
        if changes:
            unchanged = self._client.write_option(last_update_time=found.update_time)
            try:
                document.update(changes, option=unchanged, retry=self._again, timeout=TIMEOUT_S)
            except FailedPrecondition:
                return None
            except NotFound:
                return gone
        return Written(tuple(outcomes), values(standing({**content, **changes})))
