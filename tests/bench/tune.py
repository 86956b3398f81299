"""``python -m tests.bench.tune [fresh=0.15,0.2] [settle=0.1,0.3] …``: the filter's operating points, as a table.

Without words a choice of them. Rules are chosen by the faces for tuning; how those in force do with the others, which the
benchmark shows, stands above. Clips go through detector and network once for each release of the network and are kept in
.cache/traces (remove that folder after a change of detector, crop or mouth meter); then the filter alone is replayed.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from support.traces import ScoreTrace

from howsitgoing_edge.vision.bundle import load_bundle

from .clips import maker
from .faces import Use
from .news import NewsFigures, evaluate, make_clips, record
from .parts import default_rules

ROUNDS: Final = 6
GRID: Final = ("fresh=0.15,0.2,0.25", "sure=0.5,0.6,0.7", "settle=0.1,0.2", "rise=0,0.25,0.3,0.35")
P50, P95 = 0.65, 1.1
"""Seconds: the targets less what it takes from the frame to the subscriber"""
CAUGHT, FALSE = 0.8, 2.0
_KEPT: Final = Path(__file__).resolve().parents[2] / ".cache" / "traces"


def traces(use: Use, rounds: int = ROUNDS) -> list[ScoreTrace]:
    """Those of the released network, with its present calibration."""
    release = hashlib.sha256((load_bundle().folder / "model.json").read_bytes()).hexdigest()
    folder = _KEPT / f"{release[:12]}-{use}-{rounds}"
    if not folder.is_dir():
        aside = folder.with_suffix(".new")
        aside.mkdir(parents=True, exist_ok=True)
        for number, clip in enumerate(make_clips(maker(use), rounds)):
            record(clip).save(aside / f"{number:03}.npz")
            print(f"{use}: recorded {number + 1} of {12 * rounds}", file=sys.stderr)  # noqa: T201  progress
        aside.rename(folder)
    return [ScoreTrace.load(path) for path in sorted(folder.glob("*.npz"))]


def main(words: list[str]) -> None:
    """The rules in force with both halves of the faces, then each combination of the values in ``words`` with one."""
    with ProcessPoolExecutor(len(get_args(Use))) as pool:  # each has its own core while it records
        recorded = dict(zip(get_args(Use), pool.map(traces, get_args(Use)), strict=True))
    rules, settle = default_rules()
    print(f"{'':44}  caught  true   p50 s  p95 s  false news a minute: steady, talking")  # noqa: T201  the output
    for use, clips in recorded.items():
        _show(f"in force, faces to {use}", evaluate(clips, rules, settle))
    names = [word.partition("=")[0] for word in words]
    values = [[float(value) for value in word.partition("=")[2].split(",")] for word in words]
    for combination in itertools.product(*values):
        changed: dict[str, Any] = dict(zip(names, combination, strict=True))
        shown = " ".join(f"{name}={value:g}" for name, value in changed.items())
        now = changed.pop("settle", settle)
        _show(shown, evaluate(recorded["tune"], replace(rules, **changed), now))


def _show(what: str, found: NewsFigures) -> None:
    good = found.caught >= CAUGHT and found.p50 <= P50 and found.p95 <= P95
    steady, talking = found.steady_per_minute, found.talking_per_minute
    figures = f"{found.caught:6.1%}  {found.precision:5.1%}  {found.p50:5.2f}  {found.p95:5.2f}  {steady:28.2f}, {talking:.2f}"
    print(f"{what:44}  {figures}{'  ok' if good and max(steady, talking) <= FALSE else ''}")  # noqa: T201  the output


if __name__ == "__main__":
    main(sys.argv[1:] or list(GRID))
