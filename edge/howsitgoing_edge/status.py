"""How the running parts are doing, gathered for ``health`` and for the live view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from howsitgoing_edge.cloud.blynk.panel import Panel
from howsitgoing_edge.cloud.uplink import Uplink
from howsitgoing_edge.control import CameraWatch
from howsitgoing_edge.device.health import Gauges
from howsitgoing_edge.mqtt.station import Station
from howsitgoing_edge.runtime.outlets import Outlets
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.timing import Figures
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.update.updater import Updater


@dataclass(frozen=True)
class Status:
    """The parts that have something to tell."""

    figures: Figures
    outlets: Outlets
    slot: LatestSlot[Any]
    camera: CameraWatch
    speaker: Speaker
    station: Station
    uplink: Uplink | None
    panel: Panel | None
    updater: Updater | None
    detector: str
    lasting: tuple[str, ...] = ()
    """Problems that stay until a restart"""

    def gauges(self) -> Gauges:
        """At this moment."""
        problems = (self.camera.problem, *self.lasting, *self.speaker.problems, *self.station.problems)
        uplink = self.uplink
        given_up = {} if uplink is None else {"uplink_pictures": uplink.pictures_given_up}
        problems += () if uplink is None else uplink.problems
        problems += () if self.panel is None else self.panel.problems
        problems += () if self.updater is None else self.updater.problems
        return Gauges(
            fps=self.figures.fps(),
            stages_ms=self.figures.stages_ms(),
            latency_ms=self.figures.latency_ms(),
            queues=self.outlets.queues(),
            dropped={"frames": self.slot.replaced, **self.outlets.dropped(), **self.speaker.dropped, **given_up},
            camera=self.camera.state,
            speaker=self.speaker.state,
            uplink="off" if uplink is None else uplink.state,
            detector=self.detector,
            problems=tuple(problem for problem in problems if problem),
            link=self.station.figures,
        )


def facts(camera: CameraWatch, station: Station, uplink: Uplink | None, device_id: str) -> Mapping[str, str]:
    """What the live view shows beside the mood."""
    shared = {} if uplink is None else {"cloud": uplink.sentence}
    return {"camera": camera.sentence or "opening", "broker": station.state, **shared, "device": device_id}
