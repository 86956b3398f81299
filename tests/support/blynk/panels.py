"""A device at the stand-in: its settings, and its panel by either link."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from support.blynk.server import BlynkStandIn

from howsitgoing_edge.cloud.blynk.links import opener
from howsitgoing_edge.cloud.blynk.panel import Panel
from howsitgoing_edge.cloud.blynk.pauses import Pauses
from howsitgoing_edge.contract import Model, Mood, MoodChange, Settings, positivity, to_rfc3339, with_setting
from howsitgoing_edge.settings import BlynkSettings

LINKS = ("library", "mqtt")
QUICK = Pauses(first=0.02, longest=0.1, refused=60, steady=20, between=0.02, on_its_way=0.05)
"""Tests don't wait for a router to come back; a refusal is final within a test."""


class PanelDevice:
    """The device around the panel: obeys the switch as app.py has it obey."""

    def __init__(
        self,
        blynk: BlynkStandIn,
        folder: Path,
        link: str,
        *,
        recognition: bool = True,
        pauses: Pauses = QUICK,
        **changes: Any,  # noqa: ANN401  any setting
    ) -> None:
        """``changes``: fields of BlynkSettings."""
        given = {"link": link, "feed": True, "token": blynk.token, **at(blynk, link), **changes}
        self.link = link
        self.settings = Settings(recognition=recognition)
        self.panel = Panel(
            BlynkSettings(**given), folder, self.settings, on_set=self.set, open_line=opener(given["link"]), pauses=pauses
        )

    def __enter__(self) -> Self:
        self.panel.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.panel.close()

    def set(self, name: str, value: object) -> None:
        """Somebody at home, or the panel, changes a setting."""
        self.settings = with_setting(self.settings, name, value)
        self.panel.offer(self.settings)

    def show(self, emotion: str, confidence: float = 0.9, since: float = 1_790_000_000.0) -> None:
        """The face in front looks like this."""
        self.panel.offer(mood(emotion, confidence, since))


def at(blynk: BlynkStandIn, link: str) -> dict[str, object]:
    """The settings that lead to the stand-in."""
    port = blynk.mqtt_port if link == "mqtt" else blynk.device_port
    authority = blynk.authority
    return {"server": f"{blynk.host}:{port}", "tls": authority is not None, "ca_file": authority.file if authority else None}


def mood(emotion: str, confidence: float = 0.9, since: float = 1_790_000_000.0) -> Mood:
    """One of the contract's moods."""
    scores = {} if emotion in ("none", "unsure") else {emotion: 1.0}
    return Mood(emotion, confidence, scores, positivity(scores), int(emotion != "none"), to_rfc3339(since), to_rfc3339(since))


def change(previous: str, emotion: str) -> MoodChange:
    """One of the contract's events."""
    at_last = to_rfc3339(1_790_000_000.0)
    number = "01920000-0000-7000-8000-000000000000"
    return MoodChange(number, previous, emotion, 0.9, {emotion: 1.0}, at_last, at_last, 1, Model("test", "0" * 64))
