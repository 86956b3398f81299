"""The operating point, on logits whose right answer is known because they were made so."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import reliability, softmax
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.parameters import Calibrate
from howsitgoing_models.release import calibrate

PRIOR = np.array([0.09, 0.02, 0.03, 0.27, 0.37, 0.11, 0.11])


def drawn(number: int = 20_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are true log posteriors under `PRIOR`, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(7, number, p=PRIOR)
    evidence = rng.normal(0, 1, (number, 7)) + 2.0 * np.eye(7)[labels]
    # log posterior of unit-variance evidence with mean 2 at the true class
    return (2.0 * evidence + np.log(PRIOR)).astype(np.float32), labels


@pytest.mark.parametrize("true", [0.4, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(true: float) -> None:
    """Overconfident or timid by a known factor: calibration has to find the factor."""
    logits, labels = drawn()
    assert calibrate.temperature(logits * true, labels) == pytest.approx(true, rel=0.05)


def test_calibrated_shares_can_be_taken_at_their_word() -> None:
    """The agent's filter and its thresholds treat them as probabilities."""
    logits, labels = drawn()
    sharp = logits * 3
    warmth = calibrate.temperature(sharp, labels)
    assert reliability(softmax(sharp), labels).ece > 0.1
    assert reliability(softmax(sharp / warmth), labels).ece < 0.02


def test_the_shift_trades_accuracy_for_macro_recall() -> None:
    """On true log posteriors, strength 1 is the optimum of macro recall, and none is the optimum of accuracy."""
    logits, labels = drawn()
    points = calibrate.curve(logits, labels, calibrate.log_prior(labels), 1.0)
    assert points[-1].macro_recall > points[0].macro_recall + 0.05
    assert points[0].accuracy > points[-1].accuracy
    assert [p.strength for p in points[:3]] == [0.0, 0.05, 0.1]


def test_the_prior_is_that_of_what_was_drawn() -> None:
    """A network that saw half as many happy faces as came leans half as far; without a majority an image says nothing."""
    labels = np.array([3] * 600 + [5] * 300 + [-1] * 100)
    chances = np.where(labels == 3, 1.0, 2.0)
    plain, mixed = calibrate.log_prior(labels), calibrate.log_prior(labels, chances / chances.sum())
    assert plain[3] - plain[5] == pytest.approx(np.log(2), abs=0.01)
    assert mixed[3] - mixed[5] == pytest.approx(0, abs=0.01)
    alike = calibrate.log_prior(labels, np.full(len(labels), 1 / len(labels)))
    assert np.allclose(alike, plain)


def test_the_released_point_keeps_the_accuracy_that_was_asked_for() -> None:
    """Macro recall may not be bought with any accuracy."""
    logits, labels = drawn()
    points = calibrate.curve(logits, labels, calibrate.log_prior(labels), 1.0)
    floor = points[0].accuracy - 0.01
    chosen = calibrate.choose(points, Calibrate(min_accuracy=floor))
    assert chosen.accuracy >= floor
    assert chosen.macro_recall == max(p.macro_recall for p in points if p.accuracy >= floor)
    assert 0 < chosen.strength < 1


def test_out_of_reach_of_the_asked_accuracy_the_loss_is_bounded_instead() -> None:
    """A weak model still gets the best point it can have."""
    logits, labels = drawn()
    points = calibrate.curve(logits, labels, calibrate.log_prior(labels), 1.0)
    chosen = calibrate.choose(points, Calibrate(min_accuracy=0.999, max_loss=0.02))
    assert points[0].accuracy - 0.02 <= chosen.accuracy


def test_thresholds_reach_the_asked_selective_accuracy() -> None:
    """Below its threshold an emotion is "unsure"; what is left is right four times in five."""
    logits, labels = drawn()
    scores = softmax(logits)
    settings = Calibrate(selective_accuracy=0.85)
    limits = calibrate.thresholds(scores, labels, settings)
    assert list(limits) == list(EMOTIONS)
    for place, name in enumerate(EMOTIONS):
        mine = (scores.argmax(1) == place) & (scores.max(1) >= limits[name])
        assert (labels[mine] == place).mean() >= 0.85 - 0.03


def test_an_emotion_that_is_always_right_needs_no_threshold() -> None:
    """Saying "unsure" has a price: the wearer hears nothing."""
    scores = np.full((200, 7), 0.05)
    scores[:, 3] = 0.7
    assert calibrate.thresholds(scores, np.full(200, 3), Calibrate())["happy"] < 0.2


def test_the_readable_threshold_keeps_the_asked_share_of_faces() -> None:
    """A false alarm becomes silence, but a face must not."""
    readable = np.concatenate([np.linspace(0.5, 1, 1000), np.linspace(0, 0.4, 100)])
    limit = calibrate.readable_threshold(readable, np.arange(1100) < 1000, 0.98)
    assert (readable[:1000] >= limit).mean() == pytest.approx(0.98, abs=0.002)


def test_too_few_images_calibrate_nothing() -> None:
    """A temperature from ten images is a guess that looks like a measurement."""
    with pytest.raises(DataError, match="too few"):
        calibrate.temperature(np.zeros((10, 7), np.float32), np.zeros(10, np.int64))
