"""Progress bars on a terminal, silence in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def progress(items: Sequence[Item], caption: str) -> Iterable[Item]:
    """``items``, with a bar on the error stream while they are worked through."""
    console = Console(stderr=True)
    return track(items, caption, console=console, transient=True, disable=not console.is_terminal)
