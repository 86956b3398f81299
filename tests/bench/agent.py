"""What the whole agent costs while it runs: CPU, memory, the time until it is ready, and its rest while nobody is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from support.agents import RunningAgent
from support.scene import write_clip
from support.subscriber import Subscriber

from .clips import empty_room
from .lines import Line
from .parts import yunet_file
from .running import folder, loudspeaker, sleep_until, with_yunet

if TYPE_CHECKING:
    from pathlib import Path

_SETTLED: Final = 4.0
"""Seconds after the first mood from which on CPU time is counted"""
_ASLEEP: Final = 11.0
"""Seconds with nobody there after which the agent is at rest, and its frame rate, over the last 5 s, shows it"""


def bench(seconds: float) -> list[Line]:
    """The demo clip at its own pace with a broker of its own and a loudspeaker, for so long; then an empty room."""
    with loudspeaker() as variables:
        lines = _somebody(seconds, variables)
    return lines + _nobody(min(seconds, 8.0))


def _somebody(seconds: float, variables: dict[str, str]) -> list[Line]:
    with folder() as home, RunningAgent("--source", "demo", environment=_at(home) | variables) as agent:
        with Subscriber(agent.own_port()) as listener:
            first = listener.wait_for(
                lambda heard: next((m for m in heard if m.topic.endswith("/mood") and m.json["faces"]), None)
            )
            assert first is not None
            ready, needed = first.at - agent.begun, agent.cpu()
            sleep_until(first.at + _SETTLED)
            cpu, begun, largest = agent.cpu(), time.monotonic(), 0.0
            while time.monotonic() < begun + seconds:
                sleep_until(time.monotonic() + 0.5)
                largest = max(largest, agent.megabytes())
            share = (agent.cpu() - cpu) / (time.monotonic() - begun)
        detector = "YuNet" if yunet_file() else "Haar"
        return [
            Line("agent", "ready: start to the first face's mood at a subscriber", ready, "s", 3, note="broker of its own"),
            Line("agent", "CPU time that start took", needed, "s"),
            Line("agent", "share of one core at 10 fps", 100 * share, "%", 20, note=f"{detector}, broker and sound included"),
            Line("agent", "resident memory, at most", largest, "MB", 200),
        ]


def _nobody(seconds: float) -> list[Line]:
    with folder() as home:
        room = _film(home / "room.avi", _ASLEEP + seconds + 10)
        environment = _at(home) | {"HOWSITGOING_HEALTH__EVERY": "1"}
        with (
            RunningAgent("--source", str(room), "--speech", "off", environment=environment) as agent,
            Subscriber(agent.own_port()) as listener,
        ):
            listener.wait_for(lambda heard: any(m.topic.endswith("/health") and m.json["camera"] == "ok" for m in heard), 20)
            sleep_until(time.monotonic() + _ASLEEP)
            cpu, begun = agent.cpu(), time.monotonic()
            sleep_until(begun + seconds)
            share = (agent.cpu() - cpu) / (time.monotonic() - begun)
            fps = listener.on("health")[-1].json["fps"]
        return [
            Line("agent", "frames a second while nobody is there", fps, "", 3),
            Line("agent", "share of one core while nobody is there", 100 * share, "%"),
        ]


def _at(home: Path) -> dict[str, str]:
    return {"HOME": str(home), **with_yunet()}


def _film(path: Path, seconds: float) -> Path:
    return write_clip(path, empty_room(seconds, 10), 10)
