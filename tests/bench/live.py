"""From a face that changes to the event at a subscriber and to the first sample for the loudspeaker: the agent in real time.

The labelled clip plays as a camera would, mosquitto is the broker, PipeWire plays to a loudspeaker that nobody hears. All times
are of one monotonic clock.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Final

import numpy as np
from support.mosquitto import Mosquitto
from support.scene import write_clip
from support.subscriber import Subscriber

from howsitgoing_edge.app import App
from howsitgoing_edge.camera.clip import Pace, Player
from howsitgoing_edge.camera.video import VideoClip
from howsitgoing_edge.run_options import RunOptions
from howsitgoing_edge.settings import DeviceSettings, MqttSettings, SpeechSettings

from .clips import Clip, maker
from .lines import Line
from .news import Outcome
from .parts import SHARED, settings
from .running import environment, folder, loudspeaker

if TYPE_CHECKING:
    from pathlib import Path

    from support.traces import Span

    from howsitgoing_edge.core.cues import Cue
    from howsitgoing_edge.settings import EdgeSettings

FPS: Final = 20.0
"""Of the clip; the agent looks at half of it"""
REAL_TALKER: Final = SHARED / "data" / "media" / "fr_short_hamilton_clip.mp4"


@dataclass(frozen=True)
class Told:
    """One announcement, in the clip's time."""

    noticed: float
    emotion: str


@dataclass
class Result:
    """What one clip led to."""

    begin: float = float("nan")
    """Of the clip, on the monotonic clock"""
    events: list[Told] = field(default_factory=list)
    """At the subscriber"""
    sounds: list[Told] = field(default_factory=list)
    """First samples handed over"""


class _Film(Player):
    """A film at its own pace, that says when it began."""

    def __init__(self, path: Path, result: Result) -> None:
        super().__init__(VideoClip(path), Pace.REALTIME)
        self._result = result

    def grab(self) -> float | None:
        taken = super().grab()
        if taken is not None and np.isnan(self._result.begin):
            self._result.begin = taken - self._place
        return taken


def play(film: Path, configured: EdgeSettings, port: int) -> Result:
    """Let the agent watch ``film`` to its end, with a broker at ``port``."""
    result = Result()
    handed: list[tuple[float, str]] = []

    def spoken(cue: Cue, at: float) -> None:
        if cue.change is not None:
            handed.append((at, cue.change.emotion))

    with Subscriber(port, "howsitgoing/bench/#") as listener:
        options = RunOptions(until_end=True, pace="realtime")
        agent = App(configured, options, opener=lambda: _Film(film, result), on_spoken=spoken)
        thread = Thread(target=agent.run, name="agent")
        thread.start()
        thread.join()
        listener.wait_for(lambda heard: any(m.payload == b"stopped" and not m.retained for m in heard))
        result.events = [Told(message.at - result.begin, message.json["emotion"]) for message in listener.on("event")]
    result.sounds = [Told(at - result.begin, emotion) for at, emotion in handed]
    return result


def bench(seconds: float) -> list[Line]:
    """A clip of so many seconds of changes, and where it is a real person who talks."""
    with ExitStack() as things:
        place = things.enter_context(folder())
        broker = things.enter_context(Mosquitto(place / "broker"))
        variables = things.enter_context(loudspeaker())
        things.enter_context(environment(variables))
        configured = _settings(broker.port, place / "state", silent="HOWSITGOING_SPEECH__OUTPUT" in variables)
        make = maker()
        clip = make.changes(77, seconds, FPS)
        result = play(write_clip(place / "changes.avi", iter(clip.frames), FPS), configured, broker.port)
        lines = _lines(clip, result, make.origin)
        if REAL_TALKER.is_file():
            events = play(REAL_TALKER, configured, broker.port).events
            said = " ".join(f"{one.emotion}@{one.noticed:.1f}" for one in events)
            lines.append(Line("live", "news of a man who raps and frowns for 11 s", len(events), "", note=said))
        return lines


def _settings(port: int, state: Path, *, silent: bool) -> EdgeSettings:
    """As shipped, but that words may follow each other at once: the gap between them is a choice, not a delay."""
    return settings().model_copy(
        update={
            "device": DeviceSettings(id="bench", state_folder=state),
            "mqtt": MqttSettings(transport="paho", host="127.0.0.1", port=port),
            "speech": SpeechSettings(min_gap=0, output="off" if silent else "auto"),
        }
    )


def _lines(clip: Clip, result: Result, origin: str) -> list[Line]:
    events = Outcome.of(clip.truth, result.events)
    sounds = _delays(clip.truth, result.sounds)
    delays = list(events.delays.values())
    caught = 100 * len(delays) / max(1, len(events.changes))
    return [
        Line("live", f"changes ≥ 1 s caught, of {len(events.changes)}", caught, "%", 80, at_least=True, note=origin),
        Line("live", "change of the face to the event at a subscriber, p50", _percentile(delays, 50), "s", 0.75),
        Line("live", "change of the face to the event at a subscriber, p95", _percentile(delays, 95), "s", 1.2),
        Line("live", "change of the face to the first sample handed over, p50", _percentile(sounds, 50), "s", 0.75),
        Line("live", "change of the face to the first sample handed over, p95", _percentile(sounds, 95), "s", 1.2),
    ]


def _delays(truth: tuple[Span, ...], told: list[Told]) -> list[float]:
    return list(Outcome.of(truth, told).delays.values())


def _percentile(values: list[float], share: float) -> float | None:
    return float(np.percentile(values, share)) if values else None
