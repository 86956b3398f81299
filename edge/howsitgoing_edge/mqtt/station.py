"""All that the agent has to do with brokers: the link, and where none is configured a broker of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from howsitgoing_edge.contract import Health, Info, Mood, MoodChange, Refusal, Say, Settings, Topic, Update
from howsitgoing_edge.core.ports import Link
from howsitgoing_edge.errors import BrokerError
from howsitgoing_edge.mqtt.commands import Commands, no_updates
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.mqtt.own_broker import OwnBroker
from howsitgoing_edge.settings import MqttSettings

Message = Info | Mood | MoodChange | Settings | Health | Refusal
_TOPICS: Final = {
    Info: Topic.INFO,
    Mood: Topic.MOOD,
    MoodChange: Topic.EVENT,
    Settings: Topic.SETTINGS,
    Health: Topic.HEALTH,
    Refusal: Topic.ERROR,
}
log = logging.getLogger(__name__)


class Station:
    """Publishes messages and obeys commands; without a broker it does neither, and says so. Nothing here blocks but `close`."""

    name = "mqtt"

    def __init__(
        self,
        settings: MqttSettings,
        device_id: str,
        *,
        on_set: Callable[[str, object], object],
        on_say: Callable[[Say], None],
        on_update: Callable[[Update], None] = no_updates,
    ) -> None:
        """Starts the own broker, if one is wanted; connects not before `start`.

        Args:
            settings: which broker.
            device_id: part of each topic.
            on_set: obeys ``set/…``; see `Commands`.
            on_say: obeys ``say``.
            on_update: obeys ``update``.

        Raises:
            ConfigError: a file or address in ``settings`` cannot be used.
        """
        self._broker, reachable = _own_broker(settings)
        self._link: Link | None = None
        if reachable is not None:
            self._link = MqttLink(reachable, device_id, Commands(on_set, on_say, self.offer, on_update=on_update).handle)

    def start(self) -> None:
        """Connect, and stay connected."""
        if self._link is not None:
            self._link.start()

    def offer(self, message: Message) -> None:
        """Publish soon."""
        if self._link is not None:
            self._link.publish(_TOPICS[type(message)], message.to_json())

    def picture(self, jpeg: bytes) -> None:
        """Publish a picture of the face in front."""
        if self._link is not None:
            self._link.publish(Topic.FACE, jpeg)

    def close(self) -> None:
        """Say farewell and part, within about a second."""
        if self._link is not None:
            self._link.close()
        if self._broker is not None:
            self._broker.close()

    @property
    def state(self) -> str:
        """For people: off, connected or not connected."""
        return "off" if self._link is None else "connected" if self._link.connected else "not connected"

    @property
    def problems(self) -> tuple[str, ...]:
        """For people: why nothing, or not everything, is published."""
        return tuple(self._link.problems) if self._link is not None else ()

    @property
    def waiting(self) -> int:
        """Messages not yet handed over."""
        return self._link.waiting if self._link is not None else 0

    @property
    def figures(self) -> Mapping[str, int]:
        """What the MQTT library has under way: messages, and where it tells, bytes."""
        return self._link.figures if self._link is not None else {}

    @property
    def dropped(self) -> int:
        """Messages that were never sent."""
        return sum(self._link.dropped.values()) if self._link is not None else 0


def _own_broker(settings: MqttSettings) -> tuple[OwnBroker | None, MqttSettings | None]:
    """A broker of our own if one is wanted, and the settings that lead to the broker; none: nothing is published."""
    if settings.transport == "off":
        return None, None
    if settings.transport != "own":
        return None, settings
    broker = OwnBroker()
    try:
        host, port = broker.start()
    except BrokerError as error:
        log.warning("nothing is published: %s", error)
        return None, None
    return broker, MqttSettings(transport="paho", host=host, port=port)
