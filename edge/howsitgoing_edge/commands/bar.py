"""How far a download is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Bar:
    """A bar on a terminal; nothing in a pipe."""

    def __init__(self, name: str) -> None:
        """``name``: what is being fetched."""
        from rich.progress import Progress

        from howsitgoing_edge.view.terminal import terminal

        self._bar = Progress(console=terminal(), disable=not sys.stderr.isatty(), transient=True)
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.start()
        return lambda done, all_: self._bar.update(self._task, completed=done, total=all_ or None)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
