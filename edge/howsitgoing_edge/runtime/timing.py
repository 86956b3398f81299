"""Clocks and running figures."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles


class WallClock:
    """Turns the frames' steady times into Unix times."""

    def __init__(self, frame_time: float | None = None) -> None:
        """``frame_time``: what a clip's own clock shows now; None: frames carry monotonic times, the wall clock may be set."""
        self._offset = None if frame_time is None else time.time() - frame_time

    def at(self, frame_time: float) -> float:
        """Unix seconds."""
        if self._offset is not None:
            return frame_time + self._offset
        return time.time() - (time.monotonic() - frame_time)


class Figures:
    """Stage times, frame rate and latencies of the recent past. One thread writes, others read."""

    def __init__(self, keep: int = 300) -> None:
        """Remember the last ``keep`` values of each kind."""
        self._keep = keep
        self._stages: dict[str, deque[float]] = {}
        self._frames: deque[float] = deque(maxlen=keep)
        self._latencies: deque[float] = deque(maxlen=keep)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage of one frame."""
        begun = time.perf_counter()
        yield
        self._stages.setdefault(name, deque(maxlen=self._keep)).append(1000 * (time.perf_counter() - begun))

    def frame(self) -> None:
        """A frame was processed."""
        self._frames.append(time.monotonic())

    def latency(self, seconds: float) -> None:
        """A change was handed on ``seconds`` after the face changed."""
        self._latencies.append(1000 * seconds)

    def fps(self) -> float:
        """Frames a second over the last five seconds."""
        now = time.monotonic()
        return round(sum(now - at < 5 for at in tuple(self._frames)) / 5, 1)  # noqa: PLR2004

    def stages_ms(self) -> dict[str, float]:
        """Median milliseconds of each stage."""
        return {name: round(median(tuple(times)), 2) for name, times in tuple(self._stages.items()) if times}

    def latency_ms(self) -> tuple[float | None, float | None]:
        """p50 and p95; None: too few yet."""
        values = tuple(self._latencies)
        if not values:
            return None, None
        p95 = quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
        return round(median(values), 1), round(p95, 1)
