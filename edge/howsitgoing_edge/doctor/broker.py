"""The MQTT broker: reached, let in, and allowed what the agent does, with the credentials configured."""

from __future__ import annotations

from threading import Condition

from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.mqtt.transports import make_transport
from howsitgoing_edge.settings import MqttSettings

_PARTING_SECONDS = 1.0


def broker(settings: MqttSettings, device_id: str) -> Finding:
    """Connects as another client than the agent, which may be running, and parts again.

    AWS lets a device have one name only: there the agent is pushed out for a moment, and comes back by itself.

    Raises:
        EdgeError: it is not reached, or does not let us in.
    """
    if settings.transport == "off":
        return Finding("broker", State.UNUSED, "switched off by mqtt.transport")
    if settings.transport == "own":
        return Finding("broker", State.WORKS, "one of its own, for this machine alone; it starts with the agent")
    connection = make_transport(settings, device_id, "-doctor").connect(lambda *_: None, Condition())
    connection.close(_PARTING_SECONDS)
    access, refusals = connection.access, list(connection.refusals.values())
    if refusals:
        what, _, advice = refusals[0].partition("; ")
        return Finding("broker", State.LIMITED, what, advice)
    spoken = "5" if connection.spoken.startswith("MQTTv5") else "3.1.1"
    secured = "encrypted" if access.tls else "not encrypted"
    return Finding("broker", State.WORKS, f"{access.address} lets us in (MQTT {spoken}, {secured})")
