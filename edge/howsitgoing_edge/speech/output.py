"""The way to the loudspeaker, kept open and awake: opens, warms up, notices a loss, and comes back by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.speech import players
from howsitgoing_edge.speech.mix import BLOCK_SECONDS
from howsitgoing_edge.speech.stream import Stream

WARM_UP: Final = 0.5
"""Seconds of near-silence before the first word: a Bluetooth speaker that slept swallows what comes earlier."""
STALLED: Final = 3.0
"""Seconds without the player fetching anything, after which the loudspeaker counts as lost."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
"""Seconds between two tries; a speaker that is switched on should speak soon."""


class Output:
    """Not for several threads. No method raises for a lost loudspeaker: `ready` and `problem` tell."""

    def __init__(self, wanted: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``wanted``: ``auto``, or a part of the device's name; nothing is opened yet."""
        self.problem: str | None = None
        """For people; None: all is well, as far as is known"""
        self._wanted = None if wanted == "auto" else wanted
        self._clock = clock
        self._stream: Stream | None = None
        self._device: str | None = None
        self._expected: str | None = None
        self._warm = 0.0
        self._fed_at = 0.0
        self._pause = FIRST_PAUSE
        self._next_try = float("-inf")

    @property
    def ready(self) -> bool:
        """Whether a cue that is begun now will be heard from its first syllable."""
        return self._stream is not None and self._warm >= WARM_UP and self.problem is None

    @property
    def next_try(self) -> float:
        """Seconds until `open` does something again; 0 or less: now."""
        return self._next_try - self._clock()

    def open(self) -> bool:
        """Whether the stream is open; opens it if it isn't and it is time for a try."""
        if self._stream is None and self.next_try <= 0:
            self._device, self._warm, self._fed_at = None, 0.0, self._clock()
            try:
                player = players.choose()
                self._expected = players.find(player, self._wanted).name if self._wanted else None
                self._stream = Stream(player.command(self._expected))
            except SpeakerError as error:
                self._lose(error)
        return self._stream is not None

    def room(self, timeout: float, *, ahead: bool = False) -> bool:
        """Whether a block can be written; waits up to ``timeout`` seconds. ``ahead``: see `Stream.room`."""
        if self._stream is None:
            return False
        try:
            room = self._stream.room(timeout, ahead=ahead)
            self._follow(self._stream.device, stalled=not room and self._clock() - self._fed_at > STALLED)
        except SpeakerError as error:
            self._lose(error)
            return False
        return room

    def write(self, block: bytes) -> None:
        """Hand over one block of `BLOCK_SECONDS`; there must be `room`."""
        if self._stream is None:
            return
        try:
            self._stream.write(block)
        except SpeakerError as error:
            self._lose(error)
            return
        self._fed_at = self._clock()
        self._warm += BLOCK_SECONDS
        if self._warm >= WARM_UP and self._device not in players.NOWHERE:
            self.problem, self._pause = None, FIRST_PAUSE

    def close(self) -> None:
        """Let the loudspeaker sleep."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _follow(self, device: str | None, *, stalled: bool) -> None:
        """Sound systems move a stream when a loudspeaker goes or comes: to another one, or to none at all."""
        if stalled:
            raise SpeakerError("the loudspeaker takes no sound")
        if device == self._device:
            return
        self._device, self._warm = device, 0.0
        if device in players.NOWHERE:
            self.problem = "no loudspeaker is connected"
        elif self._expected not in (None, device):
            raise SpeakerError(f"the loudspeaker {self._expected} has gone")

    def _lose(self, error: SpeakerError) -> None:
        self.close()
        self.problem = str(error)
        self._next_try = self._clock() + self._pause * random.uniform(0.75, 1.0)  # noqa: S311  nothing secret
        self._pause = min(LONGEST_PAUSE, self._pause * 2)
