"""A paho client made ready for one connection: last will, password, encryption, version of MQTT."""

from __future__ import annotations

from collections.abc import Callable

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from howsitgoing_edge.contract import DELIVERY, Availability, Topic
from howsitgoing_edge.mqtt import connection
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.connection import LARGEST_PACKET, Identity


class Client(paho.Client):
    """Says when its network thread has ended, for whatever reason: paho's own dies silently of what it didn't expect."""

    ended: Callable[[Exception | None], None]
    """Called once, by that thread, with what paho didn't expect, if anything."""

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:  # noqa: FBT001, FBT002  paho's signature
        """What the thread of ``loop_start`` runs."""
        surprise: Exception | None = None
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:  # noqa: BLE001  whatever a broken or hostile broker makes paho raise
            surprise = error
            return MQTTErrorCode.MQTT_ERR_UNKNOWN
        finally:
            self.ended(surprise)

    def connect_to(self, access: Access) -> None:
        """Open the socket, with TLS where wanted, and send the greeting.

        Raises:
            OSError: the network's or the broker's fault.
            ValueError: the host cannot be a host.
        """
        if self.protocol != MQTTProtocolVersion.MQTTv5:
            self.connect(access.host, access.port, access.keepalive)
            return
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = LARGEST_PACKET
        self.connect(access.host, access.port, access.keepalive, clean_start=True, properties=limits)


def make_client(access: Access, identity: Identity, version: MQTTProtocolVersion) -> Client:
    """A client that keeps no session: the broker keeps no commands for a device that is away, and nothing is sent twice."""
    client = Client(CallbackAPIVersion.VERSION2, identity.client_id, protocol=version, reconnect_on_failure=False)
    how = DELIVERY[Topic.AVAILABILITY]
    client.will_set(identity.topic(Topic.AVAILABILITY), Availability.OFFLINE, how.qos, how.retain)
    client.username_pw_set(access.username, access.password)
    if access.tls is not None:
        client.tls_set_context(access.tls)
    client.connect_timeout = connection.CONNECT_SECONDS
    return client
