"""One label order everywhere: a mixed-up one says "sad" to a smile and still looks like a working program."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_edge import contract
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, from_fer

FER2013 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
FERPLUS = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear")


def votes(**given: int) -> np.ndarray:
    """One row of FER+ votes."""
    order = (*FERPLUS, "contempt", "unknown", "nf")
    return np.array([[given.get(name, 0) for name in order]], np.uint8)


def test_the_order_is_the_contracts() -> None:
    """The packages do not import each other, so each has its own copy."""
    assert EMOTIONS == contract.EMOTIONS
    assert CROWD_OUTPUTS[:7] == EMOTIONS


@pytest.mark.parametrize("number", range(7))
def test_a_fer2013_number_becomes_the_contracts_place(number: int) -> None:
    """FER2013 counts sad, surprise, neutral in another order."""
    targets = from_fer(np.array([number], np.uint8), votes(neutral=10))
    assert EMOTIONS[targets.fer2013[0]] == FER2013[number]


@pytest.mark.parametrize("name", FERPLUS)
def test_a_ferplus_column_becomes_the_contracts_place(name: str) -> None:
    """FER+ has a third order of its own."""
    targets = from_fer(np.array([0], np.uint8), votes(**{name: 9}))
    assert EMOTIONS[targets.majority[0]] == name
    assert targets.crowd[0, EMOTIONS.index(name)] == 1


def test_a_single_vote_against_the_others_is_dropped() -> None:
    """One slip of a finger among ten is noise to learn from."""
    targets = from_fer(np.array([0], np.uint8), votes(happy=6, sad=3, fear=1))
    assert targets.crowd[0, EMOTIONS.index("fear")] == 0
    assert targets.crowd[0, EMOTIONS.index("happy")] == pytest.approx(6 / 9)


def test_unknown_and_no_face_are_votes_for_unreadable() -> None:
    """The network has to learn when to be silent."""
    targets = from_fer(np.array([0], np.uint8), votes(happy=4, unknown=2, nf=4))
    assert targets.crowd[0, 7] == pytest.approx(0.6)
    assert targets.majority[0] == -1


def test_an_image_that_ferplus_never_saw_says_nothing() -> None:
    """Ten votes "not a face" mark the images that could not be matched; most of them are faces."""
    targets = from_fer(np.array([3], np.uint8), votes(nf=10))
    assert not targets.crowd.any()
    assert targets.majority[0] == -1
    assert EMOTIONS[targets.fer2013[0]] == "happy"


def test_five_no_face_votes_end_a_majority() -> None:
    """What is measured against should be a face to most people."""
    assert from_fer(np.array([0], np.uint8), votes(happy=5, nf=5)).majority[0] == -1
    assert from_fer(np.array([0], np.uint8), votes(happy=6, nf=4)).majority[0] == EMOTIONS.index("happy")
