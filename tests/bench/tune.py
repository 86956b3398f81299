"""``python -m tests.bench.tune [hold=1.5,2,3] [settle=0.1,0.3] …``: the filter's figures for other rules.

Clips go through detector and network once for each network and are kept in .cache/traces; then the filter alone is replayed.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from support.traces import ScoreTrace

from howsitgoing_edge.vision.bundle import load_bundle

from .clips import maker
from .news import evaluate, make_clips, record
from .parts import default_rules

ROUNDS: Final = 6
_KEPT: Final = Path(__file__).resolve().parents[2] / ".cache" / "traces"


def traces(rounds: int = ROUNDS) -> list[ScoreTrace]:
    """Those of the released network."""
    folder = _KEPT / f"{load_bundle().sha256[:12]}-{rounds}"
    if not folder.is_dir():
        aside = folder.with_suffix(".new")
        aside.mkdir(parents=True, exist_ok=True)
        for number, clip in enumerate(make_clips(maker(), rounds)):
            record(clip).save(aside / f"{number:03}.npz")
            print(f"\rrecorded {number + 1}", end="", file=sys.stderr)  # noqa: T201  progress
        aside.rename(folder)
    return [ScoreTrace.load(path) for path in sorted(folder.glob("*.npz"))]


def main(words: list[str]) -> None:
    """One line for the rules in force, and one for each combination of the values in ``words``."""
    clips, (rules, settle) = traces(), default_rules()
    names, values = [], []
    for word in words:
        name, _, listed = word.partition("=")
        names.append(name)
        values.append([float(value) for value in listed.split(",")])
    for combination in [(), *(itertools.product(*values) if names else [])]:
        changed: dict[str, Any] = dict(zip(names, combination, strict=False))
        shown = " ".join(f"{name}={value:g}" for name, value in changed.items()) or "in force"
        now = changed.pop("settle", settle)
        found = evaluate(clips, replace(rules, **changed), now)
        print(  # noqa: T201  the output
            f"{shown:40} caught {found.caught:.0%} of {found.changes}, true {found.precision:.0%}, p50 {found.p50:.2f} s, "
            f"p95 {found.p95:.2f} s, a minute: steady {found.steady_per_minute:.2f}, talking {found.talking_per_minute:.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
