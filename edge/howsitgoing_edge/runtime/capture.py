"""Keeps the camera going: opens it, notices when it is lost or frozen, opens it again, and closes it when told to."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from threading import Condition, Thread
from typing import Final

from howsitgoing_edge.core.ports import FrameSource
from howsitgoing_edge.errors import SourceError
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.runtime.reader import Ending, FrameSlot, Reader
from howsitgoing_edge.runtime.sifting import Stillness, Thinning

log = logging.getLogger(__name__)

OPEN_WITHIN: Final = 20.0
"""Seconds that opening a camera may take; the slowest find their exposure first."""
LEAVE_WITHIN: Final = 0.8
"""Seconds that a source gets to let go before it is left behind."""
_MOST_LEFT_BEHIND: Final = 3
_FOREVER: Final = 3600.0


class CameraState(StrEnum):
    """How the camera is doing: ``Health.camera`` of the contract."""

    OK = "ok"
    OFF = "off"
    LOST = "lost"
    FROZEN = "frozen"
    OPENING = "opening"


class Capture:
    """The camera's own threads: one that minds it, and one for each opening that reads. Nothing a camera does ends them."""

    def __init__(
        self,
        opener: Callable[[], FrameSource],
        slot: FrameSlot,
        *,
        fps: float = 10,
        silent_after: float = 4,
        frozen_after: float = 20,
        on_state: Callable[[CameraState, str], None] = lambda _state, _sentence: None,
        on_end: Callable[[SourceError | None], None] = lambda _error: None,
        backoff: Backoff | None = None,
    ) -> None:
        """Begins with `start`.

        Args:
            opener: gives the source, open; called on a thread of its own, again after every loss.
            slot: where frames go. Of a clip that waits every frame is handed on, of other sources the newest.
            fps: frames a second that are handed on of a live source; see `set_rate`.
            silent_after: seconds without a new frame until a camera counts as lost.
            frozen_after: seconds of the very same picture until it counts as frozen.
            on_state: told every change of state, with a sentence for people; called on the capture's thread.
            on_end: called once when the clip has ended (None), or when the source can never work.
            backoff: the waits between two tries.
        """
        self._opener = opener
        self._slot = slot
        self._silent_after = silent_after
        self._frozen_after = frozen_after
        self._on_state = on_state
        self._on_end = on_end
        self._backoff = backoff or Backoff()
        self._thinning = Thinning(fps)
        self._stillness = Stillness(frozen_after)
        self._changed = Condition()
        self._orders = self._seen = 0  # counted, so that none is missed
        self._paused = False
        self._stopping = False
        self._over = False  # the clip has ended, or the source can never work
        self._worked = False
        self._waited = 0.0
        self._state: CameraState | None = None
        self._left_behind: list[Reader] = []
        self._thread = Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Open the camera, and keep it going."""
        self._thread.start()

    def stop(self) -> None:
        """Close the camera for good. Returns within a second, even if the camera hangs."""
        self._order(stopping=True)
        if self._thread.is_alive():
            self._thread.join(LEAVE_WITHIN + 0.1)

    def pause(self) -> None:
        """Close the camera; the state is ``off`` as soon as the device is released. Returns at once."""
        self._order(paused=True)

    def resume(self) -> None:
        """Open it again after `pause`, at once. A clip begins anew."""
        self._order(paused=False)

    def set_rate(self, fps: float) -> None:
        """Frames a second to be handed on of a live source; it is drained at its own rate, so that none is stale."""
        self._thinning.fps = fps

    def _order(self, *, paused: bool | None = None, stopping: bool = False) -> None:
        with self._changed:
            if paused is not None and paused is not self._paused:
                self._paused = paused
                self._over = False
                self._backoff.reset()
            self._stopping |= stopping
            self._orders += 1
            self._changed.notify_all()

    def _wait(self, seconds: float | None) -> None:
        """Wait so long, or until the next order."""
        with self._changed:
            if self._seen == self._orders:
                self._changed.wait_for(lambda: self._seen != self._orders, seconds)

    def _run(self) -> None:
        while not self._stopping:
            self._seen = self._orders
            if self._paused:
                self._report(CameraState.OFF, "the camera is switched off" + (", but hangs open" if self._hanging() else ""))
                self._wait(None)
            elif self._over:
                self._wait(None)
            elif self._hanging() >= _MOST_LEFT_BEHIND:
                self._back_off()
            else:
                self._read_until_trouble()

    def _hanging(self) -> int:
        self._left_behind = [reader for reader in self._left_behind if reader.is_alive()]
        return len(self._left_behind)

    def _back_off(self) -> None:
        self._waited = self._backoff.next()
        self._wait(self._waited)

    def _read_until_trouble(self) -> None:
        if self._state not in (CameraState.LOST, CameraState.FROZEN):  # those last until it really works again
            self._report(CameraState.OPENING, "the camera is being opened")
        reader = Reader(self._opener, self._slot, self._thinning, self._stillness, self._changed)
        reader.start()
        self._mind(reader)
        reader.leave()
        reader.join(LEAVE_WITHIN)
        if reader.is_alive():
            self._left_behind.append(reader)
        if reader.first is not None:
            self._worked = True
            if time.monotonic() - reader.first > self._waited:  # else it comes and goes
                self._backoff.reset()
        if not (self._stopping or self._paused):
            self._after(reader)

    def _mind(self, reader: Reader) -> None:
        """Wait until ``reader`` ends, or hangs, or must be left."""
        while not (self._stopping or self._paused or reader.ending or self._patience(reader) <= 0):
            if reader.first is not None and reader.source is not None:
                self._report(CameraState.OK, reader.source.description)
            with self._changed:
                concerns = partial(self._concerns, reader, opening=reader.source is None)
                self._changed.wait_for(concerns, max(0.01, self._patience(reader)))

    def _concerns(self, reader: Reader, *, opening: bool) -> bool:
        opened = opening and reader.source is not None  # an open camera gets less patience
        news = opened or reader.ending is not None or (reader.first is not None and self._state is not CameraState.OK)
        return self._stopping or self._paused or news

    def _patience(self, reader: Reader) -> float:
        """Seconds that ``reader`` may still be silent."""
        if reader.source is None:
            return reader.begun + OPEN_WITHIN - time.monotonic()
        return reader.last + self._silent_after - time.monotonic() if reader.source.can_freeze else _FOREVER

    def _after(self, reader: Reader) -> None:
        """Say what happened, and wait before the next try if there is one."""
        name = reader.source.description if reader.source else "the camera"
        if reader.ending is Ending.CLIP_ENDED:
            self._finish(CameraState.OFF, f"{name} has ended", None)
            return
        if isinstance(reader.error, SourceError) and not self._worked:  # what worked once may work again
            self._finish(CameraState.LOST, str(reader.error), reader.error)
            return
        if reader.ending is Ending.FROZEN:
            self._report(
                CameraState.FROZEN,
                f"{name} has been giving the very same picture for {self._frozen_after:g} s",
            )
        else:
            self._report(
                CameraState.LOST,
                str(reader.error or f"{name} has been silent for {self._silent_after:g} s"),
            )
        self._back_off()

    def _finish(self, state: CameraState, sentence: str, error: SourceError | None) -> None:
        self._over = True
        self._report(state, sentence)
        self._on_end(error)

    def _report(self, state: CameraState, sentence: str) -> None:
        if state is self._state:
            log.debug("camera still %s: %s", state, sentence)
            return
        self._state = state
        self._on_state(state, sentence)
