"""The demo clip as a test's material: what it shows when, its frames, and a camera that shows it."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from support.scene import write_clip

from howsitgoing_edge.camera.demo import DEMO_TIMELINE, demo_clip

if TYPE_CHECKING:
    from pathlib import Path

    from howsitgoing_edge.core.types import Pixels

FPS: Final = 15.0


def shown() -> list[str]:
    """Its expressions, in order."""
    return [part["emotion"] for part in json.loads(DEMO_TIMELINE.read_text())["segments"]]


def changes() -> list[tuple[str, str]]:
    """(previous, emotion) of all news there is in it."""
    return list(pairwise(shown()))


FIRST: Final = changes()[:2]
"""News of `beginning`"""


@lru_cache(maxsize=1)
def frames() -> tuple[Pixels, ...]:
    """Its frames, (H, W, 3) BGR, `FPS` a second."""
    clip = demo_clip()
    pictures = []
    while clip.grab() is not None:
        image = clip.retrieve()
        assert image is not None
        pictures.append(image)
    clip.close()
    return tuple(pictures)


def beginning(path: Path) -> Path:
    """Its first 10 seconds as a film of its own: news is `FIRST`."""
    ends = [part["to"] for part in json.loads(DEMO_TIMELINE.read_text())["segments"]]
    return write_clip(path, iter(frames()[: round(ends[len(FIRST)] * FPS)]), FPS)


class DemoCamera:
    """The picture that a camera in front of the demo's person sees now. The clip begins with the first look, and repeats."""

    def __init__(self) -> None:
        """Nobody has looked yet."""
        self._begun: float | None = None

    def __call__(self, _number: int) -> Pixels:
        """For `MjpegCamera`."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = now
        return frames()[int((now - self._begun) * FPS) % len(frames())]
