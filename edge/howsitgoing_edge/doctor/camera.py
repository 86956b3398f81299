"""The camera: opened, and a second of its pictures looked at."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.errors import CameraError
from howsitgoing_edge.settings import CameraSettings

_FRAMES = 12
_ENOUGH_SECONDS = 4.0
_DARK = 12
"""Mean brightness, 0 to 255, of a picture on which nobody can be seen"""
_SLOW_FPS = 5


def camera(settings: CameraSettings, seen: Callable[[Frame], None]) -> Finding:
    """Opens the configured source; the last picture goes to ``seen``, for the checks after this one.

    Raises:
        EdgeError: it cannot be opened, or gives no picture.
    """
    source = open_source(settings, Pace.FAST)
    try:
        frames: list[Frame] = []
        begun = time.monotonic()
        while len(frames) < _FRAMES and time.monotonic() - begun < _ENOUGH_SECONDS:
            frame = source.read()
            if frame is None:
                break
            frames.append(frame)
        description, a_camera = source.description, source.can_freeze
    finally:
        source.close()
    if not frames:
        raise CameraError(f"{description} gives no picture; try another source")
    seen(frames[-1])
    height, width = frames[-1].image.shape[:2]
    size = f"{width}x{height}"
    what = description if size in description else f"{description}, {size}"
    if not a_camera:
        return _clip(settings, what)
    passed = frames[-1].time - frames[0].time
    fps = (len(frames) - 1) / passed if passed > 0 else 0.0
    what += f", {fps:.0f} pictures a second"
    if float(np.mean(frames[-1].image)) < _DARK:
        return Finding("camera", State.LIMITED, f"{what}, but black", "take the cover off, or switch the light on")
    if len(frames) > 1 and fps < min(settings.fps, _SLOW_FPS):
        return Finding("camera", State.LIMITED, what, "more light lets most cameras go faster; or ask for a smaller picture")
    return Finding("camera", State.WORKS, what)


def _clip(settings: CameraSettings, what: str) -> Finding:
    if settings.source == "auto":
        return Finding("camera", State.LIMITED, f"no camera found, so the demo clip plays; {what}", "plug a webcam in")
    return Finding("camera", State.WORKS, what)
