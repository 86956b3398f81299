"""The card's pictures, one function each: a report in, a matplotlib figure out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.measure.robustness import DISTURBANCES

mpl.use("Agg")
Report = Mapping[str, Any]

_INK, _ACCENT, _SOFT = "#333333", "#2a6f97", "#a9c6d9"
_DARK_CELL = 0.5


def confusion(report: Report, axes: Axes) -> None:
    """Shares of each label's images, at the operating point."""
    counts = np.array(report["operating_point"]["confusion"])
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*shares.shape):
        colour = "white" if shares[row, column] > _DARK_CELL else _INK
        axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=colour)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=40, ha="right")
    axes.set_yticks(range(len(EMOTIONS)), [f"{name} ({count})" for name, count in zip(EMOTIONS, counts.sum(1), strict=True)])
    axes.set(xlabel="read as", ylabel="most people saw (images)", title="Percent of each row")


def reliability(report: Report, axes: Axes) -> None:
    """Confidence against accuracy."""
    bins = report["plain"]["reliability"]
    full = [(c, a, s) for c, a, s in zip(bins["confidence"], bins["accuracy"], bins["share"], strict=True) if c is not None]
    confidence, accuracy, share = (np.array(values) for values in zip(*full, strict=True))
    axes.plot([0, 1], [0, 1], color=_SOFT, linestyle="--", label="perfect")
    axes.scatter(confidence, accuracy, s=20 + 900 * share, color=_ACCENT, alpha=0.8, label="bins, area = share of images")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title=f"Calibration, ECE {report['ece']:.3f}")
    axes.legend(loc="upper left", frameon=False)


def risk_coverage(report: Report, axes: Axes) -> None:
    """Accuracy among the images that the model is surest of."""
    curve, point = report["risk_coverage"], report["operating_point"]
    axes.plot(curve["coverage"], curve["accuracy"], color=_ACCENT)
    if point["selective_accuracy"] is not None:
        axes.plot(1 - point["unsure_share"], point["selective_accuracy"], "o", color=_INK, label="the thresholds of model.json")
        axes.legend(loc="lower left", frameon=False)
    axes.set(xlabel="share of images that get an answer", ylabel="share of answers right", title="What saying 'unsure' buys")


def operating_point(report: Report, axes: Axes) -> None:
    """Accuracy against macro recall, along the strength of the shift by the prior."""
    curve, point = report["operating_point"]["curve"], report["operating_point"]
    axes.plot([p["macro_recall"] for p in curve], [p["accuracy"] for p in curve], ".-", color=_ACCENT)
    for p in curve[:: max(len(curve) // 4, 1)]:
        axes.annotate(f"{p['strength']:.2f}", (p["macro_recall"], p["accuracy"]), xytext=(4, 4), textcoords="offset points")
    axes.plot(point["macro_recall"], point["accuracy"], "o", color=_INK, label="released")
    axes.set(xlabel="macro recall", ylabel="accuracy", title="Strength of the shift by the prior")
    axes.legend(loc="lower left", frameon=False)


def robustness(report: Report, axes: Axes) -> None:
    """Accuracy of both heads under each disturbance."""
    rows = [("undisturbed", report), *((d.caption, report["robustness"][d.name]) for d in DISTURBANCES)]
    place = np.arange(len(rows))[::-1]
    axes.barh(place + 0.2, [row["ferplus_accuracy"] for _, row in rows], 0.38, color=_ACCENT, label="crowd head, FER+ majority")
    axes.barh(place - 0.2, [row["fer2013_accuracy"] for _, row in rows], 0.38, color=_SOFT, label="fer2013 head, FER2013 label")
    axes.set_yticks(place, [caption for caption, _ in rows])
    axes.set(xlim=(0, 1), xlabel="accuracy")
    axes.legend(loc="upper center", bbox_to_anchor=(0.3, 1.12), ncols=2, frameon=False)


PICTURES: Final[Mapping[str, tuple[Callable[[Report, Axes], None], tuple[float, float]]]] = {
    "confusion": (confusion, (5.6, 4.8)),
    "reliability": (reliability, (4.4, 4.0)),
    "risk-coverage": (risk_coverage, (4.4, 3.4)),
    "operating-point": (operating_point, (4.4, 3.4)),
    "robustness": (robustness, (7.2, 4.4)),
}


def draw(report: Report, folder: Path) -> None:
    """Write each picture as ``folder``/<name>.png."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": _INK}):
        for name, (paint, size) in PICTURES.items():
            figure = Figure(size, layout="constrained")
            paint(report, figure.subplots())
            figure.savefig(folder / f"{name}.png", dpi=100, metadata={"Software": None})
