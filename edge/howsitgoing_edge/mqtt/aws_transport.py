"""AWS IoT Core, or whatever speaks MQTT 5 over mutual TLS, by awscrt."""

from __future__ import annotations

from threading import Condition
from typing import Final

from howsitgoing_edge.mqtt.access import read_access
from howsitgoing_edge.mqtt.aws_connection import AwsConnection
from howsitgoing_edge.mqtt.connection import Connection, Identity, OnCommand
from howsitgoing_edge.settings import MqttSettings


class AwsTransport:
    """See `Transport`. Client id, device id and the thing's name are one and the same."""

    largest: Final = 128_000
    """AWS IoT Core refuses larger ones (quotas of the message broker: 128 KB)"""

    def __init__(self, settings: MqttSettings, device_id: str) -> None:
        """The first connection of a process starts anew, so that no command of the last run is obeyed."""
        self._settings = settings
        self._identity = Identity(device_id, device_id)
        self._resume = False

    def connect(self, on_command: OnCommand, changed: Condition) -> Connection:
        """See `Transport.connect`."""
        access = read_access(self._settings)
        connection = AwsConnection(access, self._identity, on_command, changed, resume=self._resume)
        connection.open()
        self._resume = True
        return connection
