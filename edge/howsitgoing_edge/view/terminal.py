"""The one console that log lines and the live view share, so that they don't write over each other."""

from __future__ import annotations

from functools import cache

from rich.console import Console


@cache
def terminal() -> Console:
    """Standard error: standard output is for events alone."""
    return Console(stderr=True, highlight=False)
