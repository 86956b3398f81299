"""The figures that a release stands on, against answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_models import figures
from howsitgoing_models.labels import Targets


def one_hot(choices: list[int], width: int = 7) -> np.ndarray:
    return np.eye(width, dtype=np.float32)[choices]


def test_each_head_is_measured_against_its_own_labels_and_only_where_there_are_any() -> None:
    """The two label sets agree on two thirds of the images; mixing them up would flatter or damn at random."""
    targets = Targets(np.array([0, 1, -1]), np.zeros((3, 8), np.float32), np.array([2, -1, 3]))
    got = figures.accuracies(one_hot([2, 0, 0], 8), one_hot([0, 0, 0]), targets)
    assert got == {"ferplus_accuracy": 0.5, "fer2013_accuracy": 0.5}


def test_the_eighth_output_is_no_emotion() -> None:
    """The answer "unreadable" must never win the first choice among the seven."""
    logits = np.array([[1, 0, 0, 0, 0, 0, 0, 9]], np.float32)
    targets = Targets(np.array([0]), np.zeros((1, 8), np.float32), np.array([0]))
    assert figures.accuracies(logits, logits[:, :7], targets)["ferplus_accuracy"] == 1


def test_macro_recall_counts_a_rare_class_like_a_common_one() -> None:
    """Ninety happy and ten sad faces, all called happy, are half right and no more."""
    counts = figures.confusion(np.full(100, 3), np.array([3] * 90 + [5] * 10))
    assert figures.macro_recall(counts) == 0.5
    assert counts.trace() / counts.sum() == 0.9


def test_macro_f1_by_hand() -> None:
    """Two classes: F1 of 2*2/(2*2+1) and 2*1/(2*1+1)."""
    counts = figures.confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    assert figures.macro_f1(counts) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_ece_is_the_gap_of_confidence_and_accuracy() -> None:
    """A model that says 90 % and is right in 60 % is off by 0.3."""
    shares = np.full((10, 7), 0.1 / 6)
    shares[:, 0] = 0.9
    labels = np.array([0] * 6 + [1] * 4)
    assert figures.reliability(shares, labels).ece == pytest.approx(0.3)


def test_risk_coverage_takes_the_surest_first() -> None:
    """Saying "unsure" must drop the wrong ones first, if confidence means anything."""
    accuracy = figures.risk_coverage(np.array([0.9, 0.8, 0.3, 0.2]), np.array([True, True, False, True]), np.array([0.5, 1.0]))
    assert accuracy.tolist() == [1.0, 0.75]


def test_softmax_bears_large_logits() -> None:
    """exp(1000) is infinite; a sure network must not turn into NaN."""
    assert figures.softmax(np.array([[1000.0, 0.0]])).tolist() == [[1.0, 0.0]]
