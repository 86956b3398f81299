"""How far reviewers agree beyond chance: kappa, of two and of many. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Pair:
    """Two reviewers."""

    first: str
    second: str
    faces: int
    """That both judged"""
    kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """All reviewers together, and each two of them."""

    faces: int
    """That two or more judged"""
    same: float | None
    """Share of pairs of votes on one face that say the same"""
    kappa: float | None
    """Fleiss', over those faces"""
    pairs: tuple[Pair, ...]


def cohen(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960): observed agreement beyond that which each one's own shares of answers would bring by chance.

    Args:
        pairs: what both said of each face.

    Returns:
        1: always the same; 0: as by chance; None: no faces, or both always gave one and the same answer.
    """
    if not pairs:
        return None
    number = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    observed = sum(one == other for one, other in pairs) / number
    chance = sum(first[answer] * second[answer] for answer in first) / number**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def fleiss(faces: Iterable[Sequence[str]]) -> float | None:
    """Fleiss' kappa (1971) of any reviewers; where faces have different numbers of votes, each face counts the same.

    Args:
        faces: all votes on each; faces with fewer than two say nothing.

    Returns:
        As `cohen`.
    """
    counts = [Counter(votes) for votes in faces if len(votes) > 1]
    if not counts:
        return None
    observed = sum(_same(face) for face in counts) / len(counts)
    total = sum(counts, Counter[str]())
    chance = sum((number / total.total()) ** 2 for number in total.values())
    return None if chance == 1 else (observed - chance) / (1 - chance)


def agreement(faces: Iterable[Mapping[str, str]]) -> Agreement:
    """Of all votes: pseudonym -> value, for each face."""
    judged = [votes for votes in faces if len(votes) > 1]
    shared: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for votes in judged:
        for first, second in combinations(sorted(votes), 2):
            shared.setdefault((first, second), []).append((votes[first], votes[second]))
    said = [list(votes.values()) for votes in judged]
    both = [pair for pairs in shared.values() for pair in pairs]
    return Agreement(
        len(judged),
        sum(one == other for one, other in both) / len(both) if both else None,
        fleiss(said),
        tuple(Pair(*names, len(pairs), cohen(pairs)) for names, pairs in sorted(shared.items())),
    )


def _same(votes: Counter[str]) -> float:
    """Share of the pairs of votes on one face that say the same."""
    number = votes.total()
    return sum(count * (count - 1) for count in votes.values()) / (number * (number - 1))
