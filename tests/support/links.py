"""Links of a device to a broker, quick to try again, closed in the end."""

from __future__ import annotations

from typing import Any, Protocol, Self

from howsitgoing_edge.mqtt.connection import OnCommand
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.mqtt.pauses import Pauses
from howsitgoing_edge.settings import MqttSettings

QUICK = Pauses(first=0.05, longest=0.2, refused=0.2, steady=1)
"""Tests don't wait for a household's router to come back."""


def ignore(_path: str, _payload: bytes, _retained: bool) -> None:  # noqa: FBT001  an OnCommand
    """No commands wanted."""


class MakeLink(Protocol):
    """Makes a started link: ``make_link(port=broker.port, username=...)``."""

    def __call__(self, *, on_command: OnCommand = ..., pauses: Pauses = ..., **settings: Any) -> MqttLink:  # noqa: ANN401
        """``settings``: fields of MqttSettings."""


class Links:
    """Keeps the links it made, to close them."""

    def __init__(self, device_id: str = "hat-1") -> None:
        """All of one device."""
        self._device_id = device_id
        self._made: list[MqttLink] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._made:
            link.close()

    def make(self, *, on_command: OnCommand = ignore, pauses: Pauses = QUICK, **settings: Any) -> MqttLink:  # noqa: ANN401
        """As `MakeLink`."""
        link = MqttLink(MqttSettings(**{"host": "127.0.0.1", **settings}), self._device_id, on_command, pauses)
        self._made.append(link)
        link.start()
        return link
