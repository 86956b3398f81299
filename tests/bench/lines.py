"""What was measured, and how it is printed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[str, str, str, str, str, str]
HEADER: Row = ("what", "measured", "target", "met", "baseline", "ratio to it")


@dataclass(frozen=True)
class Line:
    """One figure."""

    group: str
    what: str
    value: float | None
    """None: could not be measured here; ``note`` says why"""
    unit: str = ""
    target: float | None = None
    """At most this much, or with ``at_least`` that much"""
    at_least: bool = False
    baseline: float | None = None
    """What the loop that the project grew from reaches"""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None: there is no target, or no figure."""
        if self.value is None or self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def ratio(self) -> float | None:
        """Of the figure to the baseline's."""
        return None if self.value is None or not self.baseline else self.value / self.baseline

    def row(self) -> Row:
        """As text."""
        what = f"{self.what} ({self.note})" if self.note else self.what
        target = "" if self.target is None else f"{'≥' if self.at_least else '≤'} {_number(self.target)}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return what, f"{_number(self.value)} {self.unit}".strip(), target, met, _number(self.baseline, ""), ratio


def show(lines: Sequence[Line], *, as_json: bool = False) -> None:
    """Print all lines: a table on a terminal, plain columns in a pipe."""
    if as_json:
        print(json.dumps([{**asdict(line), "met": line.met, "ratio": line.ratio} for line in lines], indent=1))  # noqa: T201  the output
    elif sys.stdout.isatty():
        _table(lines)
    else:
        _plain(lines)


def _table(lines: Sequence[Line]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEADER)
    for number, line in enumerate(lines):
        last = number + 1 == len(lines) or lines[number + 1].group != line.group
        colour = {True: "green", False: "bold red", None: ""}[line.met]
        table.add_row(*line.row(), style=colour, end_section=last)
    Console().print(table)


def _plain(lines: Sequence[Line]) -> None:
    rows = [HEADER, *(line.row() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201  the output


def _number(value: float | None, none: str = "-") -> str:
    if value is None:
        return none
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.2f}".rstrip("0").rstrip(".")
