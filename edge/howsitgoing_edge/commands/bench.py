"""``howsitgoing bench``: how quick this machine is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from howsitgoing_edge.commands.options import ConfigFile, Json

_CLONE = Path(__file__).resolve().parents[3]
"""Where the benchmarks are, if this runs from a clone of the repository"""


def bench(
    *,
    config: ConfigFile = None,
    short: Annotated[bool, typer.Option("--short", help="Only the stages of one frame, also in a clone.")] = False,
    as_json: Json = False,
) -> None:
    """Measure. In a clone of the repository all benchmarks, with their baseline; else the stages of one frame."""
    if not short and not as_json and (_CLONE / "tests" / "bench" / "__main__.py").is_file():
        raise typer.Exit(subprocess.run([sys.executable, "-m", "tests.bench"], cwd=_CLONE, check=False).returncode)
    from howsitgoing_edge.configuration import load
    from howsitgoing_edge.doctor.speed import stages

    medians = stages(load(config).settings)
    if as_json:
        typer.echo(json.dumps(medians))
        return
    for name, milliseconds in medians.items():
        typer.echo(f"{name:10} {milliseconds:7.2f} ms")
    typer.echo(f"{'a frame':10} {sum(medians.values()):7.2f} ms, medians of CPU time; the demo clip's face, 640x480")
