"""Plays what waits to be played: films, GIFs, pictures. The player is the source; a clip knows its pictures and their times."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from howsitgoing_edge.camera.base import Source
from howsitgoing_edge.core.types import Frame, Pixels
from howsitgoing_edge.errors import SourceError

LONE_PICTURE: Final = 0.1
"""Seconds that the only picture of a clip lasts when it is repeated."""


class Pace(Enum):
    """How a clip is played. Cameras have their own pace."""

    REALTIME = "realtime"
    """At the clip's own pace on the steady clock; frames that are late are dropped, as a camera would."""
    FAST = "fast"
    """Every frame, as fast as it is taken, with the clip's own time."""


class Clip(Protocol):
    """Pictures with times, played from the beginning, and again after `rewind`. Used by one thread."""

    @property
    def description(self) -> str:
        """For people."""

    def grab(self) -> float | None:
        """Go to the next picture.

        Returns:
            Its time in seconds since the clip's beginning, later than the one before; None at the end.
        """

    def retrieve(self) -> Pixels | None:
        """The picture itself, (H, W, 3) BGR; None: it is damaged."""

    def rewind(self) -> None:
        """Back to the beginning."""

    def close(self) -> None:
        """Let go of the file. May be called twice."""


class Player(Source):
    """A clip as a source of frames."""

    can_freeze = False

    def __init__(
        self,
        clip: Clip,
        pace: Pace,
        *,
        repeat: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Plays ``clip`` from where it is; with ``repeat`` over and over, time and number running on."""
        self.description = clip.description
        self.live = pace is Pace.REALTIME  # at its own pace a clip does not wait
        self._clip = clip
        self._pace = pace
        self._repeat = repeat
        self._clock = clock
        self._sleep = sleep
        self._begin: float | None = None  # on the steady clock
        self._offset = 0.0  # length of the rounds already played
        self._place = 0.0  # of the frame held, rounds included
        self._step = 0.0  # from the frame before to the one held
        self._number = -1

    def grab(self) -> float | None:
        """See `FrameSource.grab`."""
        if not self._advance():
            return None
        if self._pace is Pace.FAST:
            return self._place
        now = self._clock()
        if self._begin is None:
            self._begin = now - self._place
        while now > self._begin + self._place + self._step:  # the one after it is due as well
            if not self._advance():
                return None
        self._sleep(max(0.0, self._begin + self._place - now))
        return self._begin + self._place

    def retrieve(self) -> Frame | None:
        """See `FrameSource.retrieve`."""
        image = self._clip.retrieve()
        return None if image is None else Frame(image, (self._begin or 0.0) + self._place, self._number)

    def close(self) -> None:
        """See `FrameSource.close`."""
        self._clip.close()

    def _advance(self) -> bool:
        at = self._clip.grab()
        if at is None and self._repeat:
            self._clip.rewind()
            self._offset = self._place + (self._step or LONE_PICTURE)
            at = self._clip.grab()
            if at is None:
                raise SourceError(f"{self.description} cannot be played again")
        if at is None:
            return False
        place = self._offset + at
        if self._number >= 0:
            self._step = place - self._place
        self._place = place
        self._number += 1
        return True
