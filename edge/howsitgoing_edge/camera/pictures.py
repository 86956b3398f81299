"""Pictures as a clip: a folder of them in natural order, or one that is held for a while."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

from howsitgoing_edge.camera.picture import read_picture
from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.errors import SourceError

log = logging.getLogger(__name__)

SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".jp2", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""What counts as a picture in a folder; other files there are passed over in silence."""
HOLD: Final = 2.0
"""Seconds that a single picture is shown: long enough to be believed."""


class FolderClip:
    """The pictures of a folder, ``fps`` a second, in the order that people number them: 2 before 10."""

    def __init__(self, folder: Path, fps: float, rotate: int = 0) -> None:
        """Lists ``folder`` and reads its first picture.

        Raises:
            SourceError: no picture there can be read.
        """
        self._paths = sorted((path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES), key=_natural)
        if not self._paths:
            raise SourceError(f"{folder} holds no pictures")
        self.description = f"{folder}, {len(self._paths)} pictures"
        self._fps = fps
        self._rotate = rotate
        self._damaged: set[Path] = set()
        self.rewind()
        if self.grab() is None:
            raise SourceError(f"{folder}: none of its {len(self._paths)} pictures can be read")
        self.rewind()

    def rewind(self) -> None:
        """See `Clip.rewind`."""
        self._next = 0
        self._shown = -1
        self._image: Pixels | None = None

    def grab(self) -> float | None:
        """See `Clip.grab`. A damaged picture is passed over; a warning names it once."""
        while self._next < len(self._paths):
            path = self._paths[self._next]
            self._next += 1
            if path in self._damaged:
                continue
            try:
                self._image = read_picture(path, self._rotate)
            except SourceError as error:
                self._damaged.add(path)
                log.warning("skipped: %s", error)
                continue
            self._shown += 1
            return self._shown / self._fps
        return None

    def retrieve(self) -> Pixels | None:
        """See `Clip.retrieve`."""
        return self._image

    def close(self) -> None:
        """See `Clip.close`."""
        self._image = None


class HeldPicture:
    """One picture, shown ``fps`` times a second for `HOLD` seconds."""

    def __init__(self, path: Path, fps: float, rotate: int = 0) -> None:
        """Reads ``path``.

        Raises:
            SourceError: it cannot be read.
        """
        self._image = read_picture(path, rotate)
        self._fps = fps
        self._shown = 0
        self.description = f"{path}, {self._image.shape[1]}x{self._image.shape[0]}"

    def rewind(self) -> None:
        """See `Clip.rewind`."""
        self._shown = 0

    def grab(self) -> float | None:
        """See `Clip.grab`."""
        at = self._shown / self._fps
        self._shown += 1
        return at if at < HOLD else None

    def retrieve(self) -> Pixels | None:
        """See `Clip.retrieve`."""
        return self._image

    def close(self) -> None:
        """See `Clip.close`."""


def _natural(path: Path) -> list[str | int]:
    """Sorts by text and numbers in turn, which is what splitting gives."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", path.name.lower())]
