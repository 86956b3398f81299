"""Measures, and prints one table: medians, targets, and the ratio to the loop that the project grew from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from . import agent, frame, ingest, live, news, speech, uplink
from .lines import Line, show


@dataclass(frozen=True)
class Bench:
    """One group of figures."""

    run: Callable[[int], list[Line]]
    size: int
    quick: int
    """What `run` is given: frames, seconds, phrases, rounds, samples, or requests"""


BENCHES: Final = {
    "frame": Bench(frame.bench, 120, 40),
    "agent": Bench(agent.bench, 20, 6),
    "live": Bench(live.bench, 110, 20),
    "speech": Bench(speech.bench, 36, 7),
    "news": Bench(news.bench, 1, 1),
    "uplink": Bench(uplink.bench, 10_000, 300),
    "ingest": Bench(ingest.bench, 20_000, 1_500),
}


def main(words: list[str] | None = None) -> int:
    """Measure what was asked for, by default everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="BENCH", help=f"any of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="less of everything, and 'news' left out unless asked for")
    parser.add_argument("--rounds", type=int, default=1, help="how many times as many clips for 'news'")
    parser.add_argument("--json", action="store_true", help="for programs")
    given = parser.parse_args(words)
    if unknown := set(given.which) - set(BENCHES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    chosen = given.which or [name for name in BENCHES if not (given.quick and name == "news")]
    lines: list[Line] = []
    for name in chosen:
        bench = BENCHES[name]
        print(f"measuring: {name} …", file=sys.stderr)  # noqa: T201  it takes a while
        size = bench.quick if given.quick else bench.size
        try:
            lines += bench.run(size * given.rounds if name == "news" else size)
        except pytest.skip.Exception as missing:  # how the tests' helpers say that a program is not installed
            lines.append(Line(name, "not measured", None, note=str(missing)))
    show(lines, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
