"""The vision loop, on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from howsitgoing_edge.contract import Model
from howsitgoing_edge.core.types import Frame, Mood
from howsitgoing_edge.pipeline import Pipeline, Step
from howsitgoing_edge.runtime.agent import Agent
from howsitgoing_edge.runtime.outlets import Outlets
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.timing import Figures, WallClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from howsitgoing_edge.core.types import Change


class _Watcher:
    """Remembers the moods, and the frame rates asked for."""

    def __init__(self) -> None:
        self.emotions: list[str] = []
        self.rates: list[float] = []

    def mood(self, mood: Mood) -> None:
        self.emotions.append(mood.emotion)

    def change(self, change: Change) -> None:
        raise AssertionError(change)

    def set_rate(self, fps: float) -> None:
        self.rates.append(fps)


class _Seer:
    """A pipeline that sees what it is told, and does something at each frame."""

    def __init__(self, emotion: str, at_each: Callable[[Frame], None]) -> None:
        self._emotion = emotion
        self._at_each = at_each
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def step(self, frame: Frame) -> Step:
        self._at_each(frame)
        faces = int(self._emotion != "none")
        return Step(Mood(self._emotion, 0.9, (), faces, 0.0, frame.time, 1 if faces else None), None, None, None)


def _frame(time: float) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), time, 0)


def _agent(slot: LatestSlot[Frame], seer: _Seer, watcher: _Watcher) -> Agent:
    outlets = Outlets([watcher], [], wall=WallClock().at, model=lambda: Model("m", "0" * 64))
    return Agent(slot, watcher, cast("Pipeline", seer), outlets, Figures(), fps=10, idle_fps=2)


def test_a_frame_from_before_the_camera_was_switched_off_is_not_looked_at() -> None:
    """Else the last thing the world hears of a closed camera is that there is a face."""
    slot: LatestSlot[Frame] = LatestSlot()
    watcher = _Watcher()

    def switched_off_meanwhile(frame: Frame) -> None:
        if frame.time == 0:
            slot.put(_frame(0.1))
            slot.close()
            agent.lose_sight()

    seer = _Seer("happy", switched_off_meanwhile)
    agent = _agent(slot, seer, watcher)
    slot.put(_frame(0))
    agent.run()
    assert watcher.emotions == ["happy", "none"]
    assert seer.resets == 1


def test_it_looks_less_often_after_five_seconds_with_nobody_there() -> None:
    """A battery lasts longer; somebody who comes is still seen within half a second."""
    slot: LatestSlot[Frame] = LatestSlot()
    watcher = _Watcher()

    def next_one(frame: Frame) -> None:
        if frame.time >= 6:
            slot.close()
        else:
            slot.put(_frame(frame.time + 0.5))

    slot.put(_frame(0))
    _agent(slot, _Seer("none", next_one), watcher).run()
    assert watcher.rates == [2]
