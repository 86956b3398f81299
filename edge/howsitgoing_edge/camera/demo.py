"""The clip for machines without a camera: an averaged face, nobody in particular, that changes its expression."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from howsitgoing_edge.camera.video import VideoClip

DEMO_CLIP: Final = Path(str(files("howsitgoing_edge.camera") / "demo.mp4"))
"""Made by scripts/make_demo.py; its timeline says of what."""
DEMO_TIMELINE: Final = DEMO_CLIP.with_suffix(".json")
"""What the face shows when."""


def demo_clip() -> VideoClip:
    """The demo clip, open. Upright, however a camera that isn't there would be mounted."""
    return VideoClip(DEMO_CLIP, name="demo clip")
