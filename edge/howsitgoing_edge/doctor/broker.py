"""The MQTT broker: reached, and let in, with the credentials configured."""

from __future__ import annotations

from threading import Condition

from paho.mqtt.enums import MQTTProtocolVersion

from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.mqtt.access import read_access
from howsitgoing_edge.mqtt.client import Identity
from howsitgoing_edge.mqtt.connection import Connection
from howsitgoing_edge.mqtt.failures import NotSpokenError
from howsitgoing_edge.settings import MqttSettings

_LONGEST_ID = 24
_PARTING_SECONDS = 1.0


def broker(settings: MqttSettings, device_id: str) -> Finding:
    """Connects as another client than the agent, which may be running, and parts again.

    Raises:
        EdgeError: it is not reached, or does not let us in.
    """
    if settings.transport == "off":
        return Finding("broker", State.UNUSED, "switched off by mqtt.transport")
    if settings.transport == "own":
        return Finding("broker", State.WORKS, "one of its own, for this machine alone; it starts with the agent")
    access = read_access(settings)
    identity = Identity(f"{device_id[:_LONGEST_ID]}-doctor")
    for version in (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311):
        connection = Connection(access, identity, version, lambda *_: None, Condition())
        try:
            connection.open()
        except NotSpokenError:
            if version is MQTTProtocolVersion.MQTTv311:
                raise
            continue
        connection.close(_PARTING_SECONDS)
        break
    spoken = "5" if version is MQTTProtocolVersion.MQTTv5 else "3.1.1"
    secured = "encrypted" if access.tls else "not encrypted"
    return Finding("broker", State.WORKS, f"{access.address} lets us in (MQTT {spoken}, {secured})")
