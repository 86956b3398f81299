"""A progress bar that looks at the files which appear, since steps may run on other machines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from howsitgoing_models.dataset import packs, shards
from howsitgoing_models.dataset.places import Place

_EVERY_S: Final = 0.5


@contextmanager
def watched(place: Place, parts: int) -> Iterator[None]:
    """A bar on the error stream while the block runs; nothing where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    ended = threading.Event()
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        gathering, writing = bars.add_task("parts gathered", total=parts), bars.add_task("shards written", total=None)

        def look() -> None:
            while not ended.wait(_EVERY_S):
                begun = {name.rsplit("/", 1)[-1].split("-")[0] for name in place.names(packs.FOLDER, packs.SUFFIX)}
                bars.update(gathering, completed=len(begun))
                bars.update(writing, completed=len(place.names(shards.SUMMARIES, ".json")))

        looker = threading.Thread(target=look, name="progress", daemon=True)
        looker.start()
        try:
            yield
        finally:
            ended.set()
            looker.join()
