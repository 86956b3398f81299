"""What one frame with one face costs: CPU time of one thread, stage by stage, against the old loop's."""

from __future__ import annotations

import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import cv2

from howsitgoing_edge.contract import Model
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.runtime.outlets import Outlets
from howsitgoing_edge.runtime.timing import WallClock
from howsitgoing_edge.runtime.worker import SinkWorker
from howsitgoing_edge.view.events import EventLines, open_events

from .baseline import BaselineLoop
from .clips import maker
from .lines import Line
from .parts import classifier, pipeline, settings, yunet_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from howsitgoing_edge.core.ports import Classifier, FaceFinder
    from howsitgoing_edge.core.types import Face, Pixels, Scores

FPS: Final = 10.0
WARM: Final = 5
"""Frames that are not counted"""


class Stopwatch:
    """CPU milliseconds of this thread in the functions that it wraps."""

    def __init__(self) -> None:
        """Nothing measured."""
        self.spent: dict[str, float] = {}

    def wrap(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        """``run``, timed as ``name``."""

        def timed(*of: object) -> Any:  # noqa: ANN401  whatever it returns
            begun = time.thread_time()
            result = run(*of)
            self.spent[name] = self.spent.get(name, 0.0) + 1000 * (time.thread_time() - begun)
            return result

        return timed


class _TimedFinder:
    """A finder under a stopwatch."""

    def __init__(self, finder: FaceFinder, watch: Stopwatch) -> None:
        self._find = watch.wrap("detect", finder.find)
        self.reset = finder.reset

    def find(self, image: Pixels, time: float) -> Sequence[Face]:
        faces: Sequence[Face] = self._find(image, time)
        return faces


class _TimedClassifier:
    """A classifier under a stopwatch."""

    def __init__(self, classifier: Classifier, watch: Stopwatch) -> None:
        self._score = watch.wrap("classify", classifier.score)

    def score(self, crop: Pixels) -> Scores:
        scores: Scores = self._score(crop)
        return scores


def bench(frames: int) -> list[Line]:
    """Medians over so many frames of a face that changes."""
    cv2.setNumThreads(1)
    clip = maker().changes(7, frames / FPS, FPS)
    shown = list(clip.frames)[:frames]
    old = BaselineLoop(classifier())
    watch = Stopwatch()
    look = watch.wrap("look", old.look)
    lines, before = [], _median([_spent(watch, partial(look, image))["look"] for image in shown])
    for name in ("yunet", "haar") if yunet_file() else ("haar",):
        stages = _stages(name, shown)
        read = [sum(stage[part] for part in ("detect", "crop", "classify")) for stage in stages]
        note = ", ".join(f"{part} {_median([stage[part] for stage in stages]):.1f}" for part in ("detect", "crop", "classify"))
        target = 10 if name == "yunet" else None
        lines += [
            Line("frame", f"{name}: detect, crop, gate, classify", _median(read), "ms CPU", target, baseline=before, note=note),
            Line("frame", f"{name}: the rest of the pipeline", _median([stage["rest"] for stage in stages]), "ms CPU", 2),
        ]
    return lines


def _stages(detector: str, shown: Sequence[Pixels]) -> list[dict[str, float]]:
    """Milliseconds of each stage for each frame that shows a face; what is published is counted with the rest."""
    configured = settings()
    vision = configured.vision.model_copy(update={"detector": detector})
    watch, ours = Stopwatch(), pipeline(configured.model_copy(update={"vision": vision}))
    ours._finder = _TimedFinder(ours._finder, watch)
    ours._take_crop = watch.wrap("crop", ours._take_crop)
    ours.classifier = _TimedClassifier(ours.classifier, watch)
    worker: SinkWorker[Any] = SinkWorker(open_events("/dev/null"), capacity=1000, wants=EventLines.wants)
    outlets = Outlets([], [worker], wall=WallClock(0.0).at, model=lambda: Model("bench", "0" * 64))

    def whole(image: Pixels, number: int) -> None:
        step = ours.step(Frame(image, number / FPS, number))
        outlets.mood(step.mood)
        if step.change is not None:
            outlets.change(step.change)

    whole_timed = watch.wrap("whole", whole)
    spent = [_spent(watch, partial(whole_timed, image, number)) for number, image in enumerate(shown)]
    worker.close()
    for stage in spent:
        stage["rest"] = stage["whole"] - sum(stage.get(part, 0.0) for part in ("detect", "crop", "classify"))
    return [stage for stage in spent[WARM:] if "classify" in stage]


def _spent(watch: Stopwatch, run: Callable[[], object]) -> dict[str, float]:
    watch.spent = {}
    run()
    return watch.spent


def _median(values: Sequence[float]) -> float:
    return round(median(values), 2)
