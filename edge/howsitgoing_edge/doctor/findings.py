"""What a check finds, and how checks are run: each by itself, within its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread

from howsitgoing_edge.errors import EdgeError


class State(StrEnum):
    """How a thing is."""

    WORKS = "works"
    LIMITED = "limited"
    """The agent runs, with less than it could have"""
    FAILS = "fails"
    UNUSED = "unused"
    """Switched off, or not there and not needed"""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    state: State
    what: str
    """In a sentence, figures included"""
    advice: str = ""
    """What to do about it"""
    seconds: float = 0.0


@dataclass(frozen=True)
class Check:
    """One thing to look at."""

    name: str
    look: Callable[[], Finding]
    """May raise EdgeError: the thing does not work"""
    seconds: float = 15.0
    """Longer than this it may not take"""


def examine(checks: Sequence[Check]) -> Iterator[Finding]:
    """The findings, each as soon as it is there. What hangs or breaks spoils no other check."""
    for check in checks:
        begun = time.monotonic()
        found = _within_its_time(check)
        yield Finding(found.name, found.state, found.what, found.advice, round(time.monotonic() - begun, 2))


def _within_its_time(check: Check) -> Finding:
    answer: Future[Finding] = Future()
    # a daemon: a camera's driver may hang for ever, and must not keep the program from ending
    Thread(target=_look, args=(check, answer), name=f"doctor-{check.name}", daemon=True).start()
    try:
        return answer.result(check.seconds)
    except TimeoutError:
        return Finding(check.name, State.FAILS, f"gave no answer within {check.seconds:g} s", "look at it by hand, or restart")


def _look(check: Check, answer: Future[Finding]) -> None:
    try:
        answer.set_result(check.look())
    except EdgeError as error:
        what, _, advice = str(error).partition("; ")
        answer.set_result(Finding(check.name, State.FAILS, what, advice))
    except Exception as error:  # noqa: BLE001  a fault in one check is a finding like any other
        answer.set_result(Finding(check.name, State.FAILS, f"the check itself broke: {type(error).__name__}: {error}"))
