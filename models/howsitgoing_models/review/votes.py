"""Votes of reviewers on one sample, and the label that follows from them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from howsitgoing_models.dataset.row import LABELS

UNLABELLED: Final = {"value": None, "source": "none", "by": None, "at": None}
"""As the cloud's functions write it"""
Votes = dict[str, dict[str, Any]]
"""As they stand in a document: pseudonym -> {value, at}, and ``saw_prediction`` where that is known"""


class Outcome(StrEnum):
    """What became of a vote."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """It was there already"""
    OLDER = "older"
    """The same reviewer has said something later"""
    GONE = "gone"
    """The sample was erased or has expired"""
    BROKEN = "broken"
    """Label or votes of the document cannot be understood, and are left as they are"""


@dataclass(frozen=True)
class Vote:
    """What one reviewer says of one face."""

    sample: str
    """Id"""
    by: str
    """Pseudonym"""
    value: str | None
    """One of `LABELS`; None: taken back"""
    at: datetime
    """Aware"""
    saw_prediction: bool | None = None
    """Whether the reviewer had seen by then what the network says; None: unknown"""


class BrokenVotesError(ValueError):
    """A document's label or votes are not as they should be."""


def standing(content: Mapping[str, Any]) -> Votes:
    """The votes in a document of ``samples/``; a reviewer's label that stands there without votes is that reviewer's vote.

    Raises:
        BrokenVotesError: they are not as they should be.
    """
    label, votes = content.get("label") or {}, content.get("votes") or {}
    try:
        if not votes and label.get("source") == "reviewer":
            votes = {label["by"]: {"value": label["value"], "at": label["at"]}}
        found = {str(by): {**vote, "at": _time(vote["at"])} for by, vote in votes.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenVotesError(f"votes cannot be read: {error!s:.80}") from error
    if any(vote.get("value") not in LABELS for vote in found.values()):
        raise BrokenVotesError("a vote outside the list")
    return found


def values(votes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Pseudonym -> what they say."""
    return {by: str(vote["value"]) for by, vote in votes.items()}


def winner(said: Iterable[str]) -> str | None:
    """What more reviewers say than anything else; None: nobody said anything, or the first two are equal."""
    first = Counter(said).most_common(2)
    if not first or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    return first[0][0]


def contested(said: Sequence[str]) -> bool:
    """Whether reviewers disagree so that no label follows: somebody else has to look."""
    return bool(said) and winner(said) is None


def revised(content: Mapping[str, Any], votes: Iterable[Vote]) -> tuple[dict[str, Any], list[Outcome]]:
    """What has to be written into a document so that it has these votes; nothing if it has them.

    The label is what most reviewers say, with the name and time of the one who said so last. Where they say nothing or
    disagree, it is what it was without them: the wearer's, or none.

    Args:
        content: the document.
        votes: for it, in any order: of each reviewer the last one counts.

    Returns:
        Fields to write, and what became of each vote.

    Raises:
        BrokenVotesError: the document cannot be understood.
    """
    after = standing(content)
    outcomes = [_cast(after, vote) for vote in votes]
    if Outcome.WRITTEN not in outcomes:
        return {}, outcomes
    label = content.get("label") or UNLABELLED
    without = label if label.get("source") == "wearer" else content.get("wearer_label") or UNLABELLED
    changes: dict[str, Any] = {"votes": after, "label": _label(after, without)}
    if label.get("source") == "wearer":
        changes["wearer_label"] = dict(label)
    return changes, outcomes


def _cast(votes: Votes, vote: Vote) -> Outcome:
    mine = votes.get(vote.by)
    if mine is not None and mine["at"] > vote.at:
        return Outcome.OLDER
    if (mine["value"] if mine else None) == vote.value and (mine is None or mine["at"] == vote.at):
        return Outcome.UNCHANGED
    if vote.value is None:
        del votes[vote.by]
    else:
        saw = {} if vote.saw_prediction is None else {"saw_prediction": vote.saw_prediction}
        votes[vote.by] = {"value": vote.value, "at": vote.at, **saw}
    return Outcome.WRITTEN


def _label(votes: Votes, without: Mapping[str, Any]) -> dict[str, Any]:
    value = winner(values(votes).values())
    if value is None:
        return dict(without)
    at, by = max((vote["at"], by) for by, vote in votes.items() if vote["value"] == value)
    return {"value": value, "source": "reviewer", "by": by, "at": at}


def _time(value: object) -> datetime:
    """Firestore's own times and RFC 3339 alike."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if time.tzinfo is None:
        raise ValueError(f"time {value!s:.40} has no offset")
    return time.astimezone(UTC)
