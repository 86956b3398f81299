"""Measures the export: 5,000 and 50,000 samples with 4 kB crops, out of both emulators, into Parquet: ``make bench-export``.

Filling the emulators takes several minutes and is not measured. Figures are of the command as people type it; what it costs to
start is that of an export of nothing, and taken off where it says "once running".
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from support.collected import put, sample
from support.emulators import Emulators
from support.exports import COMMAND
from support.many_objects import emulators_for_many

from .lines import Line, show

PROJECT: Final = "demo-bench"
_STEP: Final = 2000
_MB: Final = 2**20
_LOOK_S: Final = 0.5


@dataclass(frozen=True)
class Took:
    """One export, as a process."""

    samples: int
    seconds: float
    cpu: float
    megabytes: float
    """At most in memory, of all its processes"""


def measured(cloud: Emulators, project: str, out: Path, options: list[str]) -> Took:
    """One export."""
    words = [*COMMAND, "--project", project, "--out", str(out), "--per-track", "100000", "--json", *options]
    environment = {**os.environ, **cloud.environment}
    note = out.with_suffix(".json")
    begun = time.monotonic()
    with note.open("wb") as file:
        pid = os.posix_spawn(words[0], words, environment, file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 1)])
    most, ended = [0.0], threading.Event()
    looker = threading.Thread(target=_look, args=(psutil.Process(pid), most, ended))
    looker.start()
    _, status, used = os.wait4(pid, 0)
    seconds = time.monotonic() - begun
    ended.set()
    looker.join()
    if status:
        sys.exit(f"the export failed: {os.waitstatus_to_exitcode(status)}")
    samples = json.loads(note.read_text())["samples"]
    return Took(samples, seconds, used.ru_utime + used.ru_stime, most[0])


def _look(process: psutil.Process, most: list[float], ended: threading.Event) -> None:
    """Keep the most memory that it and its workers had at once; what they share is counted once."""
    while not ended.wait(_LOOK_S):
        with suppress(psutil.Error):
            now = sum(one.memory_full_info().pss for one in (process, *process.children(recursive=True)))
            most[0] = max(most[0], now / _MB)


def fill(cloud: Emulators, first: int, behind: int) -> None:
    """Samples of these numbers."""
    for start in range(first, behind, _STEP):
        put(cloud, (sample(number) for number in range(start, min(start + _STEP, behind))), PROJECT)
        print(f"filling: {min(start + _STEP, behind):,} of {behind:,}", file=sys.stderr)  # noqa: T201  it takes minutes


def lines(nothing: Took, few: Took, many: Took) -> list[Line]:
    """What is told."""
    rate = many.samples / (many.seconds - nothing.seconds)
    costs = [(took.cpu - nothing.cpu) / took.samples * 1000 for took in (few, many)]
    walls = [(took.seconds - nothing.seconds) / took.samples * 1000 for took in (few, many)]
    size = f"{many.samples:,} samples"
    return [
        Line("export", f"{size}, once running", rate, "samples/s", 500, at_least=True),
        Line("export", f"{size}, all in all", many.seconds, "s"),
        Line("export", f"{size}, most memory", many.megabytes, "MB", 1000),
        Line("export", f"{few.samples:,} samples, most memory", few.megabytes, "MB"),
        Line("export", "start and end alone", nothing.seconds, "s"),
        Line("export", f"CPU a sample, of {few.samples:,}", costs[0], "ms"),
        Line("export", f"CPU a sample, of {many.samples:,}", costs[1], "ms"),
        Line("export", "ratio of the two", costs[1] / costs[0], "", 1.2),
        Line("export", "ratio by the clock", walls[1] / walls[0], "", 1.2),
    ]


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(prog="make bench-export", description=__doc__)
    parser.add_argument("--few", type=int, default=5_000)
    parser.add_argument("--many", type=int, default=50_000)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--option", action="append", default=[], help="passed on to the export; may be given again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, emulators_for_many(Path(name) / "cloud") as cloud:
        folder = Path(name)
        nothing = measured(cloud, "demo-nothing", folder / "nothing", given.option)
        fill(cloud, 0, given.few)
        few = measured(cloud, PROJECT, folder / "few", given.option)
        print(f"{few.samples:,} samples: {few.seconds:.1f} s", file=sys.stderr)  # noqa: T201
        fill(cloud, given.few, given.many)
        many = measured(cloud, PROJECT, folder / "many", given.option)
        show(lines(nothing, few, many), as_json=given.json)


if __name__ == "__main__":
    main()
