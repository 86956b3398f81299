"""Kappa by examples from the literature, and by what it has to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.review.agreement import agreement, cohen, fleiss

FLEISS_1971 = """
0 0 0 6 0; 0 3 0 0 3; 0 1 4 0 1; 0 0 0 0 6; 0 3 0 3 0; 2 0 4 0 0; 0 0 4 0 2; 2 0 3 1 0; 2 0 0 4 0; 0 0 0 0 6;
1 0 0 5 0; 1 1 0 4 0; 0 3 3 0 0; 1 0 0 5 0; 0 2 0 3 1; 0 0 5 0 1; 3 0 0 1 2; 5 1 0 0 0; 0 2 0 4 0; 1 0 2 0 3;
0 0 0 0 6; 0 1 0 5 0; 0 2 0 1 3; 2 0 0 4 0; 1 0 0 4 1; 0 5 0 1 0; 4 0 0 0 2; 0 2 0 4 0; 1 0 5 0 0; 0 0 0 0 6
"""
"""Table 1 of Fleiss, Psychological Bulletin 76 (1971): 30 patients, 6 psychiatrists each, 5 diagnoses"""


def test_cohen() -> None:
    """Fifty applications read by two: 20 both yes, 15 both no, 5 and 10 apart: (0.7 - 0.5) / 0.5."""
    pairs = [("yes", "yes")] * 20 + [("no", "no")] * 15 + [("yes", "no")] * 5 + [("no", "yes")] * 10
    assert cohen(pairs) == pytest.approx(0.4)


def test_fleiss_as_in_his_paper() -> None:
    """He found 0.430."""
    table = [[int(count) for count in line.split()] for line in FLEISS_1971.split(";")]
    faces = [[str(place) for place, count in enumerate(line) for _ in range(count)] for line in table]
    assert fleiss(faces) == pytest.approx(0.430, abs=5e-4)


def test_nothing_to_compare_is_no_number() -> None:
    """One reviewer, or an answer that never varies: 0/0 is neither agreement nor none."""
    assert cohen([]) is None
    assert fleiss([["happy"], []]) is None
    assert cohen([("happy", "happy")] * 9) is None
    assert fleiss([["happy", "happy"]] * 9) is None


@given(st.lists(st.lists(st.sampled_from(LABELS), min_size=3, max_size=3), min_size=2, max_size=20))
def test_all_the_same_is_one_and_order_says_nothing(faces: list[list[str]]) -> None:
    """Whoever speaks first."""
    value = fleiss(faces)
    assert value is None or value <= 1
    assert fleiss([list(reversed(votes)) for votes in faces]) == (None if value is None else pytest.approx(value))
    same = fleiss([[votes[0]] * 3 for votes in faces])
    assert same is None or same == pytest.approx(1)


def test_of_all_and_of_each_two() -> None:
    """Faces that one alone judged count for nobody."""
    found = agreement([{"a": "sad", "b": "sad"}, {"a": "sad", "b": "happy", "c": "happy"}, {"c": "fear"}])
    assert (found.faces, found.same) == (2, 0.5)
    assert [(pair.first, pair.second, pair.faces) for pair in found.pairs] == [("a", "b", 2), ("a", "c", 1), ("b", "c", 1)]
    assert found.pairs[0].kappa == 0
