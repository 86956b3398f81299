"""The live view: what the agent sees now, in a few lines at the bottom of the terminal, below the log."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from howsitgoing_edge.contract import EMOTIONS, NOBODY, UNSURE, Health
from howsitgoing_edge.core.phrases import FALLBACK_LANGUAGE, PHRASES, change_key
from howsitgoing_edge.core.types import Change, Mood

COLOURS = {
    "angry": "red",
    "disgust": "green",
    "fear": "magenta",
    "happy": "yellow",
    "neutral": "white",
    "sad": "blue",
    "surprise": "cyan",
}
_WORDS = PHRASES[FALLBACK_LANGUAGE]
_REFRESH_PER_SECOND = 8
_CHANGES_SHOWN = 4
_FRAMES_COUNTED = 100
_RATE_SECONDS = 3.0
_BAR_WIDTH = 24
_WORST_LATENCY_MS = 1200


class LiveView:
    """Shows the newest of what it is told. Telling it never blocks: its own thread paints, eight times a second."""

    def __init__(self, title: str, facts: Callable[[], Mapping[str, str]], console: Console) -> None:
        """Nothing is shown before `start`.

        Args:
            title: stands on the frame.
            facts: name -> state of what else is of interest, such as camera and broker; asked at each painting.
            console: where to paint.
        """
        self._title = title
        self._facts = facts
        self._mood: Mood | None = None
        self._health: Health | None = None
        self._changes: deque[str] = deque(maxlen=_CHANGES_SHOWN)
        self._frames: deque[float] = deque(maxlen=_FRAMES_COUNTED)
        self._live = Live(get_renderable=self._painted, console=console, refresh_per_second=_REFRESH_PER_SECOND, transient=True)

    def start(self) -> None:
        """Begin to paint."""
        self._live.start()

    def close(self) -> None:
        """Give the terminal back as it was. May be called twice."""
        self._live.stop()

    def __enter__(self) -> Self:
        """Begin to paint."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        self.close()

    def mood(self, mood: Mood) -> None:
        """How the face in front looks now; once a frame."""
        self._mood = mood
        self._frames.append(time.monotonic())

    def change(self, change: Change) -> None:
        """It now looks different."""
        now = datetime.now().astimezone()
        self._changes.append(f"{now:%H:%M:%S}  {change.previous} → {change.emotion}  {change.confidence:.0%}")

    def health(self, health: Health) -> None:
        """How the device is doing."""
        self._health = health

    def _painted(self) -> RenderableType:
        parts: list[RenderableType] = [_headline(self._mood), _bars(self._mood), _facts_line(self._facts())]
        parts.append(_figures(_rate(tuple(self._frames)), self._health))
        if self._health is not None:
            parts += [*(Text(f"! {problem}", style="red") for problem in self._health.problems[:3])]
        parts += [Text(line, style="dim") for line in tuple(self._changes)]
        return Panel(Group(*parts), title=self._title, title_align="left", border_style="dim")


def _headline(mood: Mood | None) -> Text:
    if mood is None:
        return Text("starting …", style="dim")
    if mood.emotion == NOBODY:
        return Text("nobody in front", style="dim")
    words = "not clear" if mood.emotion == UNSURE else _WORDS[change_key(mood.emotion)]
    others = f", {mood.faces} faces" if mood.faces > 1 else ""
    return Text.assemble((words, f"bold {COLOURS.get(mood.emotion, 'white')}"), (f"  {mood.confidence:.0%}{others}", "dim"))


def _bars(mood: Mood | None) -> Table:
    scores = dict(zip(EMOTIONS, mood.scores, strict=False)) if mood is not None else {}
    table = Table.grid(padding=(0, 1))
    for name in EMOTIONS:
        share = scores.get(name, 0.0)
        bar = ProgressBar(1.0, share, _BAR_WIDTH, complete_style=COLOURS[name], finished_style=COLOURS[name])
        table.add_row(name, bar, Text(f"{share:4.0%}" if scores else "", style="dim"))
    return table


def _facts_line(facts: Mapping[str, str]) -> Text:
    return Text("   ").join(Text.assemble((f"{name} ", "dim"), state) for name, state in facts.items())


def _rate(frames: tuple[float, ...]) -> float:
    """Frames a second over the last few of them; health tells it too, but seldom."""
    recent = [at for at in frames if frames[-1] - at < _RATE_SECONDS]
    return (len(recent) - 1) / (recent[-1] - recent[0]) if len(recent) > 1 and recent[-1] > recent[0] else 0.0


def _figures(fps: float, health: Health | None) -> Text:
    line = Text(f"{fps:.1f} fps", style="dim")
    if health is None:
        return line
    line.append(f", speaker {health.speaker}")
    if health.latency_p50_ms is not None:
        slow = health.latency_p50_ms > _WORST_LATENCY_MS
        line.append(f", change to word {health.latency_p50_ms:.0f} ms", style="red" if slow else "dim")
    if health.temperature_c is not None:
        line.append(f", {health.temperature_c:.0f} °C")
    return line
