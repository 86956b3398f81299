"""Any broker, by paho: MQTT 5 where the broker speaks it, else 3.1.1."""

from __future__ import annotations

from threading import Condition
from typing import Final

from paho.mqtt.enums import MQTTProtocolVersion

from howsitgoing_edge.mqtt.access import Access, read_access
from howsitgoing_edge.mqtt.connection import Connection, Identity, OnCommand
from howsitgoing_edge.mqtt.failures import NotSpokenError
from howsitgoing_edge.mqtt.paho_connection import PahoConnection
from howsitgoing_edge.settings import MqttSettings

MQTT_5, MQTT_3 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


class PahoTransport:
    """See `Transport`."""

    largest: Final = 268_435_455
    """MQTT's own bound"""

    def __init__(self, settings: MqttSettings, device_id: str, suffix: str = "") -> None:
        """``suffix``: ends the client id."""
        self._settings = settings
        self._identity = Identity(device_id, f"howsitgoing-{device_id}{suffix}")
        self._version = MQTT_5

    def connect(self, on_command: OnCommand, changed: Condition) -> Connection:
        """See `Transport.connect`."""
        access = read_access(self._settings)
        try:
            return self._opened(access, self._version, on_command, changed)
        except NotSpokenError:
            return self._opened(access, MQTT_3 if self._version == MQTT_5 else MQTT_5, on_command, changed)

    def _opened(self, access: Access, version: MQTTProtocolVersion, on_command: OnCommand, changed: Condition) -> Connection:
        connection = PahoConnection(access, self._identity, version, on_command, changed)
        connection.open()
        self._version = version  # next time this one first: some brokers let the other one wait for ever
        return connection
