"""The detector and the network: loaded, and tried."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.litert import LiteRtClassifier

_RUNS = 9
_SLOW_FRAME_MS = 100
"""A detector slower than this leaves no ten frames a second"""


def faces(settings: VisionSettings, frame: Frame | None) -> Finding:
    """Runs the detector on ``frame``, or on an empty picture if the camera gave none.

    Raises:
        EdgeError: the configured detector is not to be had.
    """
    cv2.setNumThreads(settings.threads)
    chosen = choose_detector(settings)
    image = frame.image if frame is not None else np.zeros((480, 640, 3), np.uint8)
    found = len(chosen.detector.detect(image))
    taken = _median_ms(lambda: chosen.detector.detect(image))
    seen = "no camera to try it on" if frame is None else f"{found} in the last picture"
    what = f"{chosen.detector.name}, {taken:.1f} ms a picture; {seen}"
    if chosen.notice:
        return Finding("faces", State.LIMITED, what, chosen.notice)
    if taken > _SLOW_FRAME_MS:
        return Finding("faces", State.LIMITED, what, "ask the camera for a smaller picture ([camera] width, height)")
    return Finding("faces", State.WORKS, what)


def model(folder: Path | None, threads: int) -> Finding:
    """Loads the network in ``folder`` (None: the one that came along), checks hash and shape, has it read a picture of noise.

    Raises:
        ModelError: it is missing, broken, or does not fit its description.
    """
    bundle = load_bundle(folder)
    classifier = LiteRtClassifier(bundle, threads)
    crop = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    taken = _median_ms(lambda: classifier.score(crop))
    return Finding("model", State.WORKS, f"{bundle.id}, {len(bundle.network) / 1e3:.0f} kB, {taken:.2f} ms a face")


def _median_ms(run: Callable[[], object]) -> float:
    run()
    times = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - begun))
    return median(times)
