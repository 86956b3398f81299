"""How far the review of a whole collection is, and how far reviewers agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from howsitgoing_models.review.agreement import Agreement, agreement
from howsitgoing_models.review.reading import Reading
from howsitgoing_models.review.votes import contested, winner


@dataclass
class Counted:
    """Over all faces that were read."""

    agreement: Agreement
    faces: int = 0
    waiting: int = 0
    """Fewer have looked than wanted, or they disagree"""
    disputed: int = 0
    """They disagree, so that no label follows"""
    labels: dict[str, int] = field(default_factory=dict)
    """That follow from votes"""
    reviewers: dict[str, int] = field(default_factory=dict)
    """Pseudonym -> votes"""


def count(reading: Reading, wanted: int) -> Counted:
    """Read everything. Raises DataError: it cannot be read."""
    counted = Counted(agreement(()))
    judged: list[dict[str, str]] = []
    labels: Counter[str] = Counter()
    reviewers: Counter[str] = Counter()
    while not reading.finished:
        for face in reading.page():
            said = list(face.votes.values())
            counted.faces += 1
            counted.waiting += face.needs(wanted)
            counted.disputed += contested(said)
            reviewers.update(face.votes.keys())
            if (label := winner(said)) is not None:
                labels[label] += 1
            if said:
                judged.append(face.votes)
    counted.agreement, counted.labels, counted.reviewers = agreement(judged), dict(labels), dict(reviewers)
    return counted
