"""The ways to a broker: what makes connections, by ``mqtt.transport``."""

from __future__ import annotations

from importlib.util import find_spec
from threading import Condition
from typing import Protocol

from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.mqtt.connection import Connection, OnCommand
from howsitgoing_edge.settings import MqttSettings


class Transport(Protocol):
    """Makes one connection after the other, to one broker. Used by one thread."""

    @property
    def largest(self) -> int:
        """Bytes that a message may have."""

    def connect(self, on_command: OnCommand, changed: Condition) -> Connection:
        """An open connection; see `Connection`.

        Raises:
            ConfigError: a file that the settings name cannot be used any more.
            BrokerError: not now.
            BrokerRefused: not before a person changes something.
        """


def make_transport(settings: MqttSettings, device_id: str, suffix: str = "") -> Transport:
    """The one that ``settings`` ask for.

    Args:
        settings: read anew for each connection, as far as they name files.
        device_id: whose topics, and part of the client id.
        suffix: makes the client id another one than the agent's, where the broker lets us choose.

    Raises:
        ConfigError: a package is not installed.
    """
    if settings.transport != "aws":
        from howsitgoing_edge.mqtt.paho_transport import PahoTransport

        return PahoTransport(settings, device_id, suffix)
    if find_spec("awscrt") is None:
        raise ConfigError('mqtt.transport = "aws" needs a package: pip install "howsitgoing[aws]"')
    from howsitgoing_edge.mqtt.aws_transport import AwsTransport  # heavy, and only needed there

    return AwsTransport(settings, device_id)
