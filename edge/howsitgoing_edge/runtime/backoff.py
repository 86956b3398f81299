"""How long to wait between tries. Stamina's own loop sleeps unwakeably; switching the camera on must not wait for it."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass
class Backoff:
    """Waits that double from ``first`` to ``most`` seconds, each shortened by up to half so that devices don't try in step."""

    first: float = 1.0
    most: float = 30.0
    tries: int = 0

    def next(self) -> float:
        """Seconds to wait before the next try."""
        wait = min(self.most, self.first * 2.0 ** min(self.tries, 16))
        self.tries += 1
        return wait * random.uniform(0.5, 1.0)  # noqa: S311  nothing secret

    def reset(self) -> None:
        """It worked: begin anew."""
        self.tries = 0
