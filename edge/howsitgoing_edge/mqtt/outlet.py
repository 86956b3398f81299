"""The contract's messages onto their topics."""

from __future__ import annotations

from typing import Final

from howsitgoing_edge.contract import Health, Info, Mood, MoodChange, Refusal, Settings, Topic
from howsitgoing_edge.core.ports import Link

_TOPICS: Final = {
    Info: Topic.INFO,
    Mood: Topic.MOOD,
    MoodChange: Topic.EVENT,
    Settings: Topic.SETTINGS,
    Health: Topic.HEALTH,
    Refusal: Topic.ERROR,
}


class MqttOutlet:
    """Hands messages to a link, which has a thread and a bounded queue of its own."""

    name = "mqtt"

    def __init__(self, link: Link) -> None:
        """Publishes over ``link``."""
        self._link = link

    def offer(self, message: Info | Mood | MoodChange | Settings | Health | Refusal) -> None:
        """Publish soon. Never blocks."""
        self._link.publish(_TOPICS[type(message)], message.to_json())

    @property
    def waiting(self) -> int:
        """Messages not yet handed over."""
        return self._link.waiting

    @property
    def dropped(self) -> int:
        """Messages that were never sent."""
        return sum(self._link.dropped.values())
