"""How much one device may send: after a burst, so many samples a minute. For a device gone mad, not against many strangers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Final

AT_ONCE: Final = 2000
"""What a device sends that comes back after days: some 500 samples a day are usual"""
REMEMBERED: Final = 10_000
"""Devices; of more, who was silent longest is forgotten, and may send a burst anew"""


@dataclass
class _Bucket:
    left: float
    at: float


class Allowance:
    """A bucket of tokens a device; for many threads of one instance of the function. Nothing of it outlives the instance."""

    def __init__(self, per_minute: float, at_once: int = AT_ONCE, clock: Callable[[], float] = monotonic) -> None:
        """``clock``: seconds."""
        self._per_second = per_minute / 60
        self._at_once = at_once
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_for(self, device_id: str) -> int:
        """Seconds until this device may send again; 0: it may now, and has."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(device_id, _Bucket(self._at_once, now))
            self._buckets.move_to_end(device_id)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
            bucket.left = min(self._at_once, bucket.left + (now - bucket.at) * self._per_second)
            bucket.at = now
            if bucket.left < 1:
                return max(1, ceil((1 - bucket.left) / self._per_second))
            bucket.left -= 1
            return 0
