"""One opening of a source on a thread of its own, since opening and reading may hang and then must be left behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import Enum, auto
from threading import Condition, Thread
from typing import Protocol

from howsitgoing_edge.core.ports import FrameSource
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.errors import CameraError, EdgeError
from howsitgoing_edge.runtime.sifting import Stillness, Thinning

log = logging.getLogger(__name__)


class FrameSlot(Protocol):
    """Where frames go; see `runtime.slot.LatestSlot`."""

    def put(self, item: Frame) -> None:
        """Leave a frame, replacing the one that is there."""

    def put_wait(self, item: Frame) -> bool:
        """Leave a frame once the place is free. False: nobody wants it any more."""


class Ending(Enum):
    """Why a reader stopped."""

    LEFT = auto()
    """It was told to."""
    CLIP_ENDED = auto()
    FAILED = auto()
    """`Reader.error` says how."""
    FROZEN = auto()


class Reader(Thread):
    """Opens a source, hands its frames on until it ends, fails, freezes or is left, and closes it."""

    def __init__(
        self,
        opener: Callable[[], FrameSource],
        slot: FrameSlot,
        thinning: Thinning,
        stillness: Stillness,
        changed: Condition,
    ) -> None:
        """Begins with `start`. ``changed`` is notified once the source is open, of the first frame, and of the end."""
        super().__init__(name="camera-reader", daemon=True)
        self._opener = opener
        self._slot = slot
        self._thinning = thinning
        self._stillness = stillness
        self._changed = changed
        self._leaving = False
        self.source: FrameSource | None = None
        self.begun = time.monotonic()
        self.first: float | None = None
        """When the first believable frame was handed on, on the monotonic clock"""
        self.last = self.begun
        """When the source last gave a sign of life, on the monotonic clock"""
        self.ending: Ending | None = None
        self.error: EdgeError | None = None

    def leave(self) -> None:
        """Hand nothing on any more, and end as soon as the source lets go."""
        self._leaving = True

    def run(self) -> None:
        """The thread."""
        ending = Ending.FAILED
        try:
            ending = self._read()
        except EdgeError as error:
            self.error = error
        except Exception as error:  # a camera library's surprise must not end the agent
            log.exception("unexpected, taken for a camera that failed")
            self.error = CameraError(f"the camera failed: {type(error).__name__}: {error}")
        with self._changed:
            self.ending = ending
            self._changed.notify_all()

    def _read(self) -> Ending:
        source = self._opener()
        try:
            with self._changed:
                self.last = time.monotonic()
                self.source = source
                self._changed.notify_all()
            self._stillness.begin(self.last)
            return self._hand_on(source)
        finally:
            source.close()

    def _hand_on(self, source: FrameSource) -> Ending:
        while not self._leaving:
            taken = source.grab()
            if taken is None:
                return Ending.CLIP_ENDED
            self.last = time.monotonic()
            if source.live and not self._thinning.wants(taken):
                continue
            frame = source.retrieve()
            if frame is None:
                continue
            if source.can_freeze and self._stillness.see(frame):
                return Ending.FROZEN
            if source.can_freeze and self._stillness.frozen:
                continue
            if not self._put(frame, waiting=not source.live):
                break
        return Ending.LEFT

    def _put(self, frame: Frame, *, waiting: bool) -> bool:
        if self._leaving:
            return False
        if waiting:
            if not self._slot.put_wait(frame):
                return False
        else:
            self._slot.put(frame)
        if self.first is None:
            with self._changed:
                self.first = time.monotonic()
                self._changed.notify_all()
        return True
