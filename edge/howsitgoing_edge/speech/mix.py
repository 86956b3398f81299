"""What goes to the loudspeaker next: the cue that sounds, or near-silence that keeps it awake."""

from __future__ import annotations

from typing import Final

import numpy as np

from howsitgoing_edge.speech.sound import RATE, Samples, faded

BLOCK: Final = RATE // 50
BLOCK_SECONDS: Final = BLOCK / RATE
"""20 ms: a new cue waits no longer than that for its turn."""
_CUT: Final = 0.008
"""Seconds over which a cue that is cut off fades."""
_NOISES: Final = 64
"""Blocks of noise, used in turn: making new ones all the time would cost more than the rest of the stream."""


class Mix:
    """Makes blocks of 16-bit samples. Not for several threads.

    To every sample noise of one least significant bit is added (triangular, the dither that rounding needs anyway, -98 dB):
    nobody can hear it, but many Bluetooth speakers take true digital silence for the end of the music, and switch off.
    """

    def __init__(self, gain: float) -> None:
        """Nothing sounds yet."""
        self.gain = gain
        """Factor for the cue; a change of it is blended in over one block"""
        self._gain = gain
        self._playing = np.zeros(0, np.float32)
        self._leaving = np.zeros(0, np.float32)
        self._dither = np.diff(np.random.default_rng().random(_NOISES * BLOCK + 1)).reshape(_NOISES, BLOCK).astype(np.float32)
        self._hush = [_encoded(noise) for noise in self._dither]
        self._turn = 0

    @property
    def playing(self) -> bool:
        """Whether a cue sounds."""
        return len(self._playing) > 0

    def start(self, samples: Samples) -> None:
        """From the next block on ``samples`` sound; what sounded fades away under their beginning."""
        self.stop()
        self._playing = samples

    def stop(self) -> None:
        """Nothing sounds any more, after a short fade."""
        left = self._playing[: round(_CUT * RATE)]
        self._leaving = faded(left, 0.0, _CUT)
        self._playing = self._playing[:0]

    def next_block(self) -> bytes:
        """`BLOCK` samples, 16 bit, little-endian."""
        self._turn = (self._turn + 1) % _NOISES
        if not len(self._playing) and not len(self._leaving):
            self._gain = self.gain
            return self._hush[self._turn]
        block = np.zeros(BLOCK, np.float32)
        for part in (self._playing[:BLOCK], self._leaving):
            block[: len(part)] += part
        self._playing, self._leaving = self._playing[BLOCK:], self._leaving[:0]
        block *= np.linspace(self._gain, self.gain, BLOCK, dtype=np.float32)
        self._gain = self.gain
        return _encoded(block * 32767 + self._dither[self._turn])


def _encoded(steps: Samples) -> bytes:
    return np.clip(np.rint(steps), -32768, 32767).astype("<i2").tobytes()
