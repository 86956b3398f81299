"""What the dashboard should show and what it shows: only the newest, and not too often. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from howsitgoing_edge.cloud.blynk.streams import Pin, Value

DRIFT_EVERY: Final = 30.0
"""Seconds between messages that only move the shares a little: Blynk counts messages"""
MOVE_EVERY: Final = 3.0
"""Likewise by `FAR` points or more: a new expression is unsure of itself at first"""
FAR: Final = 15
_DRIFTING: Final = {Pin.CONFIDENCE, Pin.POSITIVITY}


class Newest:
    """Not thread-safe: its owner locks. Times are seconds of one steady clock."""

    def __init__(self, every: float) -> None:
        """Nothing to show yet. ``every``: seconds from one message to the next, at least."""
        self._every = every
        self._wanted: dict[Pin, Value] = {}
        self._shown: dict[Pin, Value] = {}
        self._sent = float("-inf")

    def want(self, values: Mapping[Pin, Value]) -> None:
        """These should be shown, in place of what was wanted before."""
        self._wanted.update(values)

    def has(self, pin: Pin, value: Value) -> None:
        """The dashboard shows this, by somebody else's doing, and that is fine."""
        self._wanted[pin] = self._shown[pin] = value

    def forget(self) -> None:
        """A new connection: nobody knows what arrived over the last one."""
        self._shown.clear()

    @property
    def pending(self) -> dict[Pin, Value]:
        """What should be shown and isn't."""
        return {pin: value for pin, value in self._wanted.items() if self._shown.get(pin) != value}

    def due(self, now: float) -> float | None:
        """In how many seconds there is something to send; 0: now; None: not before something changes."""
        pending = self.pending
        if not pending:
            return None
        return max(0.0, self._sent + self._gap(pending) - now)

    def take(self, now: float) -> dict[Pin, Value]:
        """What is to be sent now, all in one message; it counts as shown."""
        if self.due(now) != 0:
            return {}
        pending = self.pending
        self._shown.update(pending)
        self._sent = now
        return pending

    def _gap(self, pending: Mapping[Pin, Value]) -> float:
        """Seconds from the last message to this one."""
        if not pending.keys() <= _DRIFTING:
            return self._every
        far = any(abs(int(value) - int(self._shown.get(pin, 0))) >= FAR for pin, value in pending.items())
        return max(self._every, MOVE_EVERY) if far else DRIFT_EVERY
