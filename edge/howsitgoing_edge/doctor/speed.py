"""How long the stages of one frame take on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

import cv2

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.networks import folder_in_use
from howsitgoing_edge.settings import CameraSettings, EdgeSettings
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.litert import LiteRtClassifier

_FRAMES = 60
_SIZE = (640, 480)
ResultT = TypeVar("ResultT")


def stages(settings: EdgeSettings) -> dict[str, float]:
    """Median milliseconds of CPU time on one thread for each stage, over frames of the demo clip at 640x480.

    Raises:
        EdgeError: a part cannot be loaded, or finds no face in the clip.
    """
    cv2.setNumThreads(1)
    detector = choose_detector(settings.vision).detector
    classifier = LiteRtClassifier(load_bundle(folder_in_use(settings, state_folder(settings.device).path)), 1)
    times: dict[str, list[float]] = {}

    def timed(stage: str, run: Callable[..., ResultT], *of: object) -> ResultT:
        begun = time.thread_time()
        result = run(*of)
        times.setdefault(stage, []).append(1000 * (time.thread_time() - begun))
        return result

    for frame in _frames():
        image = cv2.resize(frame.image, _SIZE)
        for face in timed("detect", detector.detect, image)[:1]:
            crop = timed("crop", take_crop, image, face, settings.vision)
            timed("classify", classifier.score, crop.image)
    if "classify" not in times:
        raise ModelError("no face was found in the demo clip; 'howsitgoing doctor' looks at each part")
    return {stage: round(median(found), 2) for stage, found in times.items()}


def _frames() -> list[Frame]:
    source = open_source(CameraSettings(source="demo"), Pace.FAST)
    try:
        frames = (source.read() for _ in range(_FRAMES))
        return [frame for frame in frames if frame is not None]
    finally:
        source.close()
