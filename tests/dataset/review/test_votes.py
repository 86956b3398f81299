"""From votes to a label: what most say, with who and when, and nothing that was there before is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howsitgoing_models.dataset.documents import read
from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.errors import ParameterError
from howsitgoing_models.review.names import check_pseudonym, check_sample
from howsitgoing_models.review.votes import UNLABELLED, BrokenVotesError, Outcome, Vote, contested, revised, winner

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
WEARER = {"value": "sad", "source": "wearer", "by": "wearer", "at": AT}


def vote(by: str, value: str | None, minute: int = 0) -> Vote:
    return Vote("0" * 8, by, value, AT + timedelta(minutes=minute))


def after(*votes: Vote, content: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document after these votes, one after another."""
    document: dict[str, Any] = content or {"label": dict(UNLABELLED)}
    for one in votes:
        document = {**document, **revised(document, [one])[0]}
    return document


def test_one_reviewer_is_enough_for_a_label() -> None:
    """With source, who and when."""
    document = after(vote("r1", "happy", 3))
    at = AT + timedelta(minutes=3)
    assert document["label"] == {"value": "happy", "source": "reviewer", "by": "r1", "at": at}
    assert document["votes"] == {"r1": {"value": "happy", "at": at}}


@pytest.mark.parametrize(
    ("said", "label", "by"),
    [
        ("happy happy", "happy", "r1"),
        ("happy sad", None, None),
        ("happy sad sad", "sad", "r2"),
        ("happy sad fear", None, None),
        ("happy happy sad sad", None, None),
        ("unreadable unreadable sad", "unreadable", "r1"),
        ("sad happy sad happy sad", "sad", "r4"),
    ],
)
def test_conflicts_are_resolved_by_votes(said: str, label: str | None, by: str | None) -> None:
    """What more say than anything else; where nothing is, there is no label, and somebody else has to look."""
    document = after(*(vote(f"r{place}", value, place) for place, value in enumerate(said.split())))
    assert (document["label"]["value"], document["label"]["by"]) == (label, by)
    assert document["label"]["source"] == ("none" if label is None else "reviewer")
    assert contested(said.split()) is (label is None)


def test_each_has_one_vote_the_last_one() -> None:
    """Somebody looked again; and a file that comes late takes nothing back."""
    document = after(vote("r1", "happy", 0), vote("r1", "sad", 2))
    assert document["label"]["value"] == "sad"
    assert revised(document, [vote("r1", "fear", 1)]) == ({}, [Outcome.OLDER])
    assert revised(document, [vote("r1", "sad", 2)]) == ({}, [Outcome.UNCHANGED])


def test_what_the_wearer_said_comes_back() -> None:
    """Reviewers' votes stand over the wearer's label, and it is there again when they take theirs back or disagree."""
    wearer: dict[str, Any] = {"label": dict(WEARER)}
    over = after(vote("r1", "fear"), content=wearer)
    assert over["label"]["value"] == "fear"
    assert after(vote("r1", None, 1), content=over)["label"] == WEARER
    assert after(vote("r2", "happy", 1), content=over)["label"] == WEARER


def test_a_reviewers_label_without_votes_is_a_vote() -> None:
    """Of a time before votes were kept; it is not simply overwritten."""
    old = {"label": {"value": "happy", "source": "reviewer", "by": "r1", "at": AT}}
    document = after(vote("r2", "sad", 1), content=old)
    assert set(document["votes"]) == {"r1", "r2"}
    assert document["label"] == UNLABELLED


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(LABELS)), min_size=1, max_size=4))
def test_the_order_in_which_votes_arrive_does_not_matter(said: list[tuple[str, str]]) -> None:
    """Several machines, an outage, a file imported later: the same label."""
    votes = [vote(by, value, minute) for minute, (by, value) in enumerate(said)]
    results = [after(*order) for order in permutations(votes)]
    assert all(result == results[0] for result in results)
    assert revised({"label": dict(UNLABELLED)}, votes)[0] == {key: results[0][key] for key in ("votes", "label")}


@pytest.mark.parametrize(
    "content",
    [
        {"votes": {"r1": {"value": "bored", "at": AT}}},
        {"votes": {"r1": "happy"}},
        {"votes": {"r1": {"value": "happy"}}},
        {"votes": {"r1": {"value": "happy", "at": "2026-02-03T12:00:00"}}},
        {"label": {"value": "happy", "source": "reviewer"}},
    ],
    ids=["outside the list", "no map", "no time", "a time without offset", "a label of nobody"],
)
def test_what_cannot_be_understood_is_left_alone(content: dict[str, Any]) -> None:
    """Somebody wrote it by hand; a repair may not guess."""
    with pytest.raises(BrokenVotesError):
        revised(content, [vote("r1", "happy")])


@pytest.mark.parametrize("name", ["", "Dr. Smith", "anna@example.org", "a" * 33, "wearer", "model", "-a", "ä"])
def test_a_reviewer_has_a_pseudonym(name: str) -> None:
    """No names, no addresses; and nobody who is somebody else in a label."""
    with pytest.raises(ParameterError, match="pseudonym"):
        check_pseudonym(name)


@pytest.mark.parametrize("name", ["", "../devices/hat-1", "x/y/z", "0" * 36])
def test_a_vote_leads_to_a_sample_and_nowhere_else(name: str) -> None:
    """An id out of a file becomes part of a path in Firestore."""
    with pytest.raises(ParameterError, match="no sample's id"):
        check_sample(name)


def test_nobody_wins_nothing() -> None:
    """No votes, no label."""
    assert winner([]) is None
    assert not contested([])


def test_the_export_reads_what_is_written_here() -> None:
    """Votes are counted, whoever had seen the prediction."""
    from support.collected import sample

    one = sample(2)
    seen = Vote(one.name, "r1", "happy", AT, saw_prediction=True)
    row, _ = read(one.name, {**one.content, **revised(one.content, [seen, vote("r2", "happy", 1)])[0]})
    assert (row["label"], row["label_source"], row["label_by"], row["votes_happy"]) == ("happy", "reviewer", "r2", 2)
