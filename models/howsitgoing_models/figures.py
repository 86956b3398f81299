"""Figures of a model from its logits: pure numpy, so that every runtime is measured alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from howsitgoing_models.labels import EMOTIONS, Targets

Logits = npt.NDArray[np.float32]
Shares = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def accuracies(crowd: Logits, fer2013: Logits, targets: Targets) -> dict[str, float]:
    """Share of images where each head's first choice among the seven emotions fits its label.

    Args:
        crowd: (N, 7 or 8) logits; the eighth is left out.
        fer2013: (N, 7) logits.
        targets: labels of the same images.
    """
    seen, labelled = targets.majority >= 0, targets.fer2013 >= 0
    crowd_right = crowd[seen, : len(EMOTIONS)].argmax(1) == targets.majority[seen]
    fer2013_right = fer2013[labelled].argmax(1) == targets.fer2013[labelled]
    return {"ferplus_accuracy": _mean(crowd_right), "fer2013_accuracy": _mean(fer2013_right)}


def softmax(logits: npt.NDArray[np.floating]) -> Shares:
    """(N, C) logits -> (N, C) shares that add up to 1."""
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float64)


def log_loss(shares: Shares, labels: Labels) -> float:
    """Mean negative log likelihood of ``labels`` (N,) under ``shares`` (N, C), in nats."""
    return float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12)).mean())


def confusion(choices: Labels, labels: Labels) -> Labels:
    """(7, 7) counts; row = label, column = choice."""
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(counts, (labels, choices), 1)
    return counts


def recalls(counts: Labels) -> Shares:
    """(7,) recall of each class of a confusion matrix; NaN where the class does not occur."""
    return np.asarray(_divide(counts.diagonal(), counts.sum(1)))


def macro_recall(counts: Labels) -> float:
    """Mean recall over the classes that occur."""
    return float(np.nanmean(recalls(counts)))


def macro_f1(counts: Labels) -> float:
    """Mean F1 over the classes that occur."""
    return float(np.nanmean(_divide(2 * counts.diagonal(), counts.sum(0) + counts.sum(1))[counts.sum(1) > 0]))


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy, in bins of equal width (Guo et al., ICML 2017)."""

    confidence: Shares
    """(B,) mean confidence in each bin, NaN where empty"""
    accuracy: Shares
    """(B,) share right in each bin, NaN where empty"""
    share: Shares
    """(B,) share of all images in each bin"""

    @property
    def ece(self) -> float:
        """Expected calibration error: mean gap of confidence and accuracy, weighted by the bins' shares."""
        return float(np.nansum(self.share * np.abs(self.confidence - self.accuracy)))


def reliability(shares: Shares, labels: Labels, bins: int = 15) -> Reliability:
    """How far the first choice's share of (N, 7) ``shares`` can be taken at its word."""
    confidence, right = shares.max(1), shares.argmax(1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    return Reliability(
        _divide(np.bincount(place, confidence, bins), count),
        _divide(np.bincount(place, right, bins), count),
        count / max(len(labels), 1),
    )


def risk_coverage(confidence: Shares, right: npt.NDArray[np.bool_], coverages: Shares) -> Shares:
    """Accuracy among the share ``coverages`` (C,) of images with the highest ``confidence`` (N,) (Geifman, NeurIPS 2017)."""
    sure_first = right[np.argsort(-confidence, kind="stable")]
    accuracy = np.cumsum(sure_first) / np.arange(1, len(right) + 1)
    return np.asarray(accuracy[np.clip(np.ceil(coverages * len(right)).astype(int) - 1, 0, None)], np.float64)


def _mean(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _divide(above: npt.NDArray[np.floating] | Labels, below: npt.NDArray[np.floating] | Labels) -> Shares:
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)
