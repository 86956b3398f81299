"""The card's pictures: counts in, matplotlib figures out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from howsitgoing_models.dataset.row import LABELS, SOURCES

Summary = Mapping[str, Mapping[str, int]]
_ACCENT: Final = "#2a6f97"
_SOFT: Final = "#a9c6d9"
_MANY_DAYS: Final = 12


def classes(summary: Summary, axes: Axes) -> None:
    """Labels beside predictions."""
    names = [*LABELS, "unsure", "none"]
    places = range(len(names))
    axes.bar(
        [place - 0.2 for place in places], [summary["labels"].get(n, 0) for n in names], 0.4, color=_ACCENT, label="labels"
    )
    said = [summary["predictions"].get(name, 0) for name in names]
    axes.bar([place + 0.2 for place in places], said, 0.4, color=_SOFT, label="predictions")
    axes.set_xticks(list(places), names, rotation=40, ha="right")
    axes.set(ylabel="samples", title="Class balance")
    axes.legend(frameon=False)


def sources(summary: Summary, axes: Axes) -> None:
    """Who labelled."""
    axes.barh(SOURCES, [summary["label_sources"].get(name, 0) for name in SOURCES], color=_ACCENT)
    axes.set(xlabel="samples", title="Label by")


def days(summary: Summary, axes: Axes) -> None:
    """When samples came in."""
    counts = dict(sorted(summary["days"].items()))
    axes.bar(list(counts), list(counts.values()), color=_ACCENT)
    step = max(1, len(counts) // _MANY_DAYS)
    axes.set_xticks(range(0, len(counts), step), list(counts)[::step], rotation=40, ha="right")
    axes.set(ylabel="samples", title="Received")


def sizes(summary: Summary, axes: Axes) -> None:
    """How large the crops are."""
    counts = sorted((int(name), count) for name, count in summary["kilobytes"].items())
    axes.bar([name for name, _ in counts], [count for _, count in counts], color=_ACCENT)
    axes.set(xlabel="kB", ylabel="samples", title="Size of the crops")


PICTURES: Final[Mapping[str, Callable[[Summary, Axes], None]]] = {
    "class-balance": classes,
    "label-sources": sources,
    "time-span": days,
    "sizes": sizes,
}


def draw(summary: Summary) -> dict[str, Figure]:
    """Name -> figure; none where there is no sample."""
    if not summary.get("days"):
        return {}
    figures = {}
    for name, paint in PICTURES.items():
        figures[name] = Figure((6, 3.2), layout="constrained")
        axes = figures[name].subplots()
        axes.spines[["top", "right"]].set_visible(False)
        paint(summary, axes)
    return figures
