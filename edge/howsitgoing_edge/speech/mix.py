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
        noise = np.random.default_rng()
        self._dither = np.diff(noise.random(RATE + 1)).astype(np.float32)
        self._place = noise.integers(0, RATE - BLOCK, 1 << 12)
        self._blocks = 0

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
        block = np.zeros(BLOCK, np.float32)
        for part in (self._playing[:BLOCK], self._leaving):
            block[: len(part)] += part
        self._playing, self._leaving = self._playing[BLOCK:], self._leaving[:0]
        block *= np.linspace(self._gain, self.gain, BLOCK, dtype=np.float32)
        self._gain = self.gain
        first = self._place[self._blocks % len(self._place)]
        self._blocks += 1
        steps = np.rint(block * 32767 + self._dither[first : first + BLOCK])
        return bytes(np.clip(steps, -32768, 32767).astype("<i2").tobytes())
