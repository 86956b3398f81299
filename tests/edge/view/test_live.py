"""The live view shows the newest, keeps nobody waiting, and gives the terminal back."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from howsitgoing_edge.contract import EMOTIONS, Health
from howsitgoing_edge.core.types import Change, Mood
from howsitgoing_edge.device.health import Gauges, health
from howsitgoing_edge.view.live import LiveView

HAPPY = tuple(0.7 if name == "happy" else 0.05 for name in EMOTIONS)
SHOW_CURSOR = "\x1b[?25h"


class _Screen(io.StringIO):
    """A terminal that remembers all that was ever written to it."""

    def shows(self, text: str, seconds: float = 5) -> bool:
        """Whether ``text`` appears within that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue()):
                return True
            time.sleep(0.01)
        return False


@pytest.fixture
def screen() -> _Screen:
    return _Screen()


@pytest.fixture
def shown(screen: _Screen) -> Iterator[LiveView]:
    with LiveView("hat-1", lambda: {"broker": "own"}, Console(file=screen, force_terminal=True, width=80)) as view:
        yield view


def _mood(emotion: str, scores: tuple[float, ...], faces: int = 1) -> Mood:
    return Mood(emotion, 0.83, scores, faces, 0.0, 0.0, 1 if scores else None)


def test_how_the_face_looks_is_shown_by_its_own_thread(screen: _Screen, shown: LiveView) -> None:
    """The vision thread only leaves a value."""
    begun = time.perf_counter()
    for _ in range(1000):
        shown.mood(_mood("happy", HAPPY))
    assert time.perf_counter() - begun < 0.5
    assert screen.shows("looks happy  83%")
    assert screen.shows("broker own")


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (_mood("none", (), 0), "nobody in front"),
        (_mood("unsure", HAPPY), "not clear"),
        (_mood("sad", HAPPY, 3), "looks sad  83%, 3 faces"),
        (_mood("surprise", HAPPY), "looks surprised  83%"),
    ],
    ids=["nobody", "unsure", "several", "as it is spoken"],
)
def test_every_state_has_words(screen: _Screen, shown: LiveView, mood: Mood, words: str) -> None:
    """It says how a face looks, never what somebody feels."""
    assert screen.shows("starting …")
    shown.mood(mood)
    assert screen.shows(words)


def test_the_last_changes_stay_to_be_read(screen: _Screen, shown: LiveView) -> None:
    """Who looked away for a moment sees what was missed."""
    for emotion in ("sad", "angry"):
        shown.change(Change("neutral", emotion, 0.7, HAPPY, 0.0, 0.0, 1))
    assert screen.shows("neutral → sad  70%")
    assert screen.shows("neutral → angry  70%")


def test_what_troubles_the_device_is_shown(screen: _Screen, shown: LiveView) -> None:
    """On a terminal nobody reads a health topic."""
    shown.health(_health("the camera is unplugged"))
    assert screen.shows("! the camera is unplugged")
    assert screen.shows("speaker lost")


def test_the_frames_a_second_are_counted_as_they_come(screen: _Screen, shown: LiveView) -> None:
    """Health tells them every ten seconds only; a terminal should show at once that something crawls."""
    deadline = time.monotonic() + 5
    while not re.search(r"(?<!\d)[1-9]\d\.\d fps", screen.getvalue()) and time.monotonic() < deadline:
        shown.mood(_mood("happy", HAPPY))
        time.sleep(0.02)
    assert time.monotonic() < deadline


def test_the_terminal_is_given_back_once_and_for_all(screen: _Screen, shown: LiveView) -> None:
    """A shell without a cursor is what people remember of a program."""
    shown.mood(_mood("happy", HAPPY))
    assert screen.shows("looks happy")
    shown.close()
    shown.close()
    assert screen.getvalue().rstrip().endswith(SHOW_CURSOR) or SHOW_CURSOR in screen.getvalue()[-400:]
    size = len(screen.getvalue())
    shown.mood(_mood("sad", HAPPY))
    assert not screen.shows("looks sad", seconds=0.4)
    assert len(screen.getvalue()) == size


def _health(problem: str) -> Health:
    return health(Gauges(speaker="lost", problems=(problem,)), started=time.monotonic(), folder=Path())
