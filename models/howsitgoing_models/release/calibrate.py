"""The operating point of the crowd head, from logits of images held out for choices. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import Labels, Logits, Shares, confusion, log_loss, macro_recall, softmax
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.parameters import Calibrate

_FEWEST = 50
"""Fewer labelled images than this calibrate nothing."""


@dataclass(frozen=True)
class Point:
    """One strength of the shift by the prior, and what it does."""

    strength: float
    accuracy: float
    macro_recall: float


def temperature(logits: Logits, labels: Labels) -> float:
    """What to divide (N, C) logits by so that their shares fit ``labels`` (N,) best, by log loss (Guo et al., ICML 2017).

    Raises:
        DataError: there are too few images.
    """
    if len(labels) < _FEWEST:
        raise DataError(f"{len(labels)} labelled images are too few to calibrate with: at least {_FEWEST}")
    low, high = np.log(0.05), np.log(20.0)
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(60):  # golden-section search: the loss has one minimum over the logarithm of the temperature
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if log_loss(softmax(logits / np.exp(left)), labels) < log_loss(softmax(logits / np.exp(right)), labels):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def log_prior(labels: Labels, chances: Shares | None = None) -> Shares:
    """(7,) log share of each emotion in what was learnt from, shifted so that its mean is 0; one image is added to each class.

    Args:
        labels: (N,) what most people saw; below 0 nothing counts.
        chances: (N,) of each image to be drawn (`howsitgoing_models.data.drawing.chances`); None: all alike.
    """
    known = labels >= 0
    weights = None if chances is None else chances[known] * len(labels)
    counts = np.bincount(labels[known], weights, minlength=len(EMOTIONS)) + 1.0
    logs = np.log(counts / counts.sum())
    return np.asarray(logs - logs.mean())


def curve(logits: Logits, labels: Labels, prior: Shares, max_strength: float) -> list[Point]:
    """Accuracy and macro recall for strengths 0 to ``max_strength`` of the shift (Menon et al., ICLR 2021).

    Args:
        logits: (N, 7) calibrated logits.
        labels: (N,) what most people saw.
        prior: (7,) from `log_prior`.
        max_strength: 1 = as if all emotions were equally frequent.
    """
    points = []
    for strength in np.arange(0, max_strength + 1e-9, 0.05):
        counts = confusion((logits - strength * prior).argmax(1), labels)
        points.append(Point(round(float(strength), 3), float(counts.trace() / counts.sum()), macro_recall(counts)))
    return points


def choose(points: list[Point], settings: Calibrate) -> Point:
    """The point of highest macro recall whose accuracy is still enough (`Calibrate.min_accuracy`, `max_loss`)."""
    plain = points[0].accuracy
    floor = settings.min_accuracy if plain >= settings.min_accuracy else plain - settings.max_loss
    return max((p for p in points if p.accuracy >= floor), key=lambda p: p.macro_recall)


def thresholds(scores: Shares, labels: Labels, settings: Calibrate) -> dict[str, float]:
    """The lowest score of each emotion from which on its choice is right often enough; below it, "unsure".

    The accuracy of the choices with at least that score must reach ``selective_accuracy``. A class with few images leans on the
    accuracy that all classes together have above the same score.

    Args:
        scores: (N, 7) shares at the operating point.
        labels: (N,) what most people saw.
        settings: the target.
    """
    best, chosen = scores.max(1), scores.argmax(1)
    right = chosen == labels
    grid = np.round(np.arange(1 / len(EMOTIONS), 0.951, 0.005), 3)
    limits = {}
    for place, name in enumerate(EMOTIONS):
        limits[name] = float(grid[-1])
        for limit in grid:
            above = best >= limit
            pooled = right[above].mean() if above.any() else 1.0
            mine = above & (chosen == place)
            share = (right[mine].sum() + settings.prior_weight * pooled) / max(mine.sum() + settings.prior_weight, 1)
            if share >= settings.selective_accuracy:
                limits[name] = float(limit)
                break
    return limits


def readable_threshold(readable: Shares, is_face: npt.NDArray[np.bool_], keep: float) -> float:
    """The highest threshold that still lets the share ``keep`` of the true faces pass.

    Args:
        readable: (N,) from the network.
        is_face: (N,) whether people could read the face.
        keep: share, 0 to 1.

    Raises:
        DataError: there is no face among the images.
    """
    if not is_face.any():
        raise DataError("no readable face among the images held out for choices")
    return float(np.clip(np.quantile(readable[is_face], 1 - keep), 0.01, 0.99))
