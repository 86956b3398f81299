"""Where moods and changes go: each outlet at its own speed, none in the way of the next frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from howsitgoing_edge import contract, reports
from howsitgoing_edge.core.reporting import MoodReporter
from howsitgoing_edge.core.types import Change, Mood

Report = contract.Mood | contract.MoodChange | contract.Health


class Listener(Protocol):
    """Hears every mood and change at once, on the vision thread; must not block."""

    def mood(self, mood: Mood) -> None:
        """The mood after each frame."""

    def change(self, change: Change) -> None:
        """News."""


class Outlet(Protocol):
    """Takes messages into a bounded queue of its own; see `runtime.worker.SinkWorker`."""

    @property
    def name(self) -> str:
        """Key in ``health``."""

    @property
    def waiting(self) -> int:
        """Messages not yet delivered."""

    @property
    def dropped(self) -> int:
        """Messages that never were, since the start."""

    def offer(self, message: Report) -> None:
        """Take ``message``. Never blocks."""


class Outlets:
    """Hands on what the pipeline found."""

    def __init__(
        self,
        listeners: Sequence[Listener],
        outlets: Sequence[Outlet],
        *,
        wall: reports.WallTime,
        model: Callable[[], contract.Model],
    ) -> None:
        """``listeners`` get the core's values at once, ``outlets`` the contract's messages in their own time."""
        self._listeners = listeners
        self._outlets = outlets
        self._wall = wall
        self._model = model
        self._reporter = MoodReporter()

    def mood(self, mood: Mood) -> None:
        """After each frame."""
        for listener in self._listeners:
            listener.mood(mood)
        if self._reporter.worth(mood):
            self._offer(reports.mood(mood, self._wall))

    def change(self, change: Change) -> None:
        """On news; the mood that goes with it has been handed on before."""
        for listener in self._listeners:
            listener.change(change)
        self._offer(reports.change(change, self._wall, self._model()))

    def health(self, health: contract.Health) -> None:
        """Now and then."""
        self._offer(health)

    def queues(self) -> dict[str, int]:
        """Messages waiting, by outlet."""
        return {outlet.name: outlet.waiting for outlet in self._outlets}

    def dropped(self) -> dict[str, int]:
        """Messages dropped since the start, by outlet."""
        return {outlet.name: outlet.dropped for outlet in self._outlets}

    def _offer(self, report: Report) -> None:
        for outlet in self._outlets:
            outlet.offer(report)
