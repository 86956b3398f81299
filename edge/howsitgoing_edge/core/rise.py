"""Whether a face has come to look different: a change of the face is a change of its scores, not of the winner alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]

_QUICK: Final = 0.2
"""Time constant of now, in seconds: two frames of ten a second"""
_SLOW: Final = 3.0
"""... and of before: a smile may take so long to spread"""


class Rise:
    """Compares a quick average of one face's scores with a slow one."""

    def __init__(self, enough: float, patience: float) -> None:
        """Has seen nothing yet.

        Args:
            enough: how far, of 1, a score must rise.
            patience: seconds after which what has always been the likeliest is believed without having risen.
        """
        self._enough, self._patience = enough, patience
        self.reset()

    def reset(self) -> None:
        """Another face: whatever it looks like is new."""
        self._now: Shares | None = None
        self._before: Shares | float = 0.0
        self._likeliest, self._since = -1, 0.0

    def update(self, scores: Shares, passed: float) -> None:
        """One more frame's scores, ``passed`` seconds after the last."""
        now = scores if self._now is None else self._now
        self._now = now + (1 - np.exp(-passed / _QUICK)) * (scores - now)
        self._before = self._before + (1 - np.exp(-passed / _SLOW)) * (scores - self._before)

    def has_come(self, likeliest: int, time: float) -> bool:
        """Whether the likeliest emotion has risen, or been the likeliest for long. To be asked at each frame."""
        if likeliest != self._likeliest:
            self._likeliest, self._since = likeliest, time
        if self._now is None:
            return False
        left = 1 - max(0.0, time - self._since) / self._patience  # a clip that begins anew takes time back
        return bool((self._now - self._before)[likeliest] >= self._enough * left)
