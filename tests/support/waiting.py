"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


def until(condition: Callable[[], Value], within: float = 10.0, every: float = 0.01) -> Value:
    """The first true value of ``condition``; fails the test if there is none within so many seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not so after {within:g} s: {value!r}"
        time.sleep(every)
    return value
