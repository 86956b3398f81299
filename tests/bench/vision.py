"""CPU time of one frame's vision on one thread, beside the loop this project grew from."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

import howsitgoing_edge.camera
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.haar import Haar
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.litert import LiteRtClassifier
from howsitgoing_edge.vision.mouth import MouthMotion
from howsitgoing_edge.vision.yunet import YuNet

from .baseline import BaselineLoop
from .lines import Line
from .parts import yunet_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from howsitgoing_edge.core.ports import Detector
    from howsitgoing_edge.core.types import Pixels

_FRAMES: Final = 60
_BUDGET_MS: Final = 10.0
"""Issue 2: detect + gate + classify of one frame 640x480 with one face, by YuNet"""


def measure(detector: Detector) -> dict[str, float]:
    """Median milliseconds of thread time of each stage over 60 frames of the demo clip, 640x480 with one face in each."""
    classifier, mouth, settings = LiteRtClassifier(load_bundle(), 1), MouthMotion(), VisionSettings()
    times: dict[str, list[float]] = {name: [] for name in ("detect", "crop and gate", "classify", "mouth")}
    for number, frame in enumerate(_frames()):
        begun = time.thread_time()
        faces = detector.detect(frame)
        found = time.thread_time()
        crop = take_crop(frame, faces[0], settings)
        taken = time.thread_time()
        classifier.score(crop.image)
        scored = time.thread_time()
        mouth.update(crop.image, number / 10, 1)
        steps = (found - begun, taken - found, scored - taken, time.thread_time() - scored)
        for name, seconds in zip(times, steps, strict=True):
            times[name].append(1000 * seconds)
    return {name: median(values) for name, values in times.items()}


def baseline() -> float:
    """Median milliseconds of one look of the loop this project grew from."""
    loop = BaselineLoop(LiteRtClassifier(load_bundle(), 1))
    return median(_timed(loop.look, frame) for frame in _frames())


def lines() -> list[Line]:
    """What ``make bench`` prints of vision."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        before = baseline()
        file = yunet_file()
        yunet = None if file is None else measure(YuNet(read(YUNET, file)))
        haar = measure(Haar())
    finally:
        cv2.setNumThreads(threads)
    note = "" if yunet else "YuNet is not here: howsitgoing models pull yunet"
    result = [Line("vision", "frame by YuNet", _sum(yunet), "ms", _BUDGET_MS, baseline=before, note=note)]
    result += [Line("vision", f"  {name}", value, "ms") for name, value in (yunet or {}).items()]
    result.append(Line("vision", "frame by Haar", _sum(haar), "ms", baseline=before))
    return result


def _sum(stages: dict[str, float] | None) -> float | None:
    return None if stages is None else sum(value for name, value in stages.items() if name != "mouth")


def _timed(run: Callable[[Pixels], object], frame: Pixels) -> float:
    begun = time.thread_time()
    run(frame)
    return 1000 * (time.thread_time() - begun)


def _frames() -> list[Pixels]:
    clip = cv2.VideoCapture(str(Path(howsitgoing_edge.camera.__file__).parent / "demo.mp4"))
    frames = [np.asarray(clip.read()[1], np.uint8) for _ in range(_FRAMES)]
    clip.release()
    return frames
