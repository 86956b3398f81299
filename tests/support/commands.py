"""Runs ``howsitgoing`` as a person would: as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

COMMAND = [sys.executable, "-m", "howsitgoing_edge.cli"]


def howsitgoing(
    *words: str, stdin: str = "", seconds: float = 60, environment: Mapping[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end.

    Args:
        words: the command line.
        stdin: what is typed.
        seconds: the test fails if it takes longer.
        environment: changes to the test's own; None takes a variable out.
    """
    changed = {**os.environ, "COLUMNS": "120", **(environment or {})}
    return subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={name: value for name, value in changed.items() if value is not None},
    )
