"""The vision loop: newest frame in, mood and news out; looks less often while nobody is there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import Protocol

from howsitgoing_edge.contract import NOBODY
from howsitgoing_edge.core.types import Frame, Mood
from howsitgoing_edge.pipeline import Pipeline, Step
from howsitgoing_edge.runtime.outlets import Outlets
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.timing import Figures

_STAY_AWAKE = 5.0
"""Seconds after the last face at which the camera is still read at full rate"""
log = logging.getLogger(__name__)


class Camera(Protocol):
    """What the loop asks of the capture thread."""

    def set_rate(self, fps: float) -> None:
        """Frames a second wanted from now on."""


class Agent:
    """Runs the pipeline on the newest frame, on the calling thread, until stopped or the clip has ended."""

    def __init__(
        self,
        slot: LatestSlot[Frame],
        camera: Camera,
        pipeline: Pipeline,
        outlets: Outlets,
        figures: Figures,
        *,
        fps: float,
        idle_fps: float,
        on_step: Callable[[Frame, Step], None] = lambda _frame, _step: None,
    ) -> None:
        """``on_step`` sees each frame with what it came to, for pictures of the face in front."""
        self._slot = slot
        self._camera = camera
        self._pipeline = pipeline
        self._outlets = outlets
        self._figures = figures
        self._rates = {True: fps, False: idle_fps}
        self._on_step = on_step
        self._stopping = Event()
        self._blind = Event()
        self._awake = True
        self._face_at: float | None = None
        self._last: Mood | None = None

    def stop(self) -> None:
        """End soon; may be called from any thread and from a signal handler."""
        self._stopping.set()

    def lose_sight(self) -> None:
        """The camera is off or lost: what was seen does not hold any longer. May be called from any thread."""
        self._blind.set()

    def run(self) -> None:
        """The loop."""
        while not self._stopping.is_set():
            frame = self._slot.take(0.2)
            if self._blind.is_set():
                self._blind.clear()
                if self._last is not None:
                    self._forget()
                    frame = None  # it was taken before the camera was switched off or lost
            if frame is not None:
                self._take(frame)
            elif self._slot.closed:
                return

    def _take(self, frame: Frame) -> None:
        step = self._pipeline.step(frame)
        self._figures.frame()
        self._last = step.mood
        self._outlets.mood(step.mood)
        if step.change is not None:
            self._figures.latency(step.change.noticed - step.change.changed)
            self._outlets.change(step.change)
            log.debug("change: %s", step.change)
        self._on_step(frame, step)
        self._choose_rate(frame.time, somebody=step.mood.faces > 0)

    def _choose_rate(self, time: float, *, somebody: bool) -> None:
        if somebody or self._face_at is None:
            self._face_at = time
        awake = time - self._face_at < _STAY_AWAKE
        if awake != self._awake:
            self._awake = awake
            self._camera.set_rate(self._rates[awake])

    def _forget(self) -> None:
        """Nobody is seen, and the next reading is a bearing."""
        self._pipeline.reset()
        if self._last is not None and self._last.emotion != NOBODY:
            last = self._last
            self._last = Mood(NOBODY, 1.0, (), 0, last.time, last.time, None)
            self._outlets.mood(self._last)
