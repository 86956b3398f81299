"""Which connection a link opens, and the panel by it; each is loaded only where it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from howsitgoing_edge.cloud.blynk.access import BlynkAccess
from howsitgoing_edge.cloud.blynk.line import Line, OpenLine, Waker
from howsitgoing_edge.cloud.blynk.panel import Panel
from howsitgoing_edge.contract import Settings
from howsitgoing_edge.settings import BlynkSettings


def make_panel(
    settings: BlynkSettings, folder: Path, current: Settings, on_set: Callable[[str, object], object]
) -> Panel | None:
    """As `Panel`; None: switched off."""
    if settings.link == "off":
        return None
    return Panel(settings, folder, current, on_set=on_set, open_line=opener(settings.link))


def opener(link: Literal["library", "mqtt"]) -> OpenLine:
    """What opens lines of this kind."""
    return {"library": _library, "mqtt": _mqtt}[link]


def _library(access: BlynkAccess, waker: Waker) -> Line:
    from howsitgoing_edge.cloud.blynk.library import LibraryLine

    return LibraryLine(access, waker)


def _mqtt(access: BlynkAccess, waker: Waker) -> Line:
    from howsitgoing_edge.cloud.blynk.mqtt import MqttLine

    return MqttLine(access, waker)
