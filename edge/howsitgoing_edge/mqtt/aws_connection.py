"""A connection by awscrt: MQTT 5 over mutual TLS."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from itertools import count
from threading import Condition
from typing import Any, Final

from awscrt import mqtt5

from howsitgoing_edge.contract import DELIVERY
from howsitgoing_edge.errors import BrokerError
from howsitgoing_edge.mqtt import aws_client, failures
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.connection import DROP_SECONDS, Connection, Identity, OnCommand
from howsitgoing_edge.mqtt.failures import Reason
from howsitgoing_edge.mqtt.look import look
from howsitgoing_edge.mqtt.waiting import Letter

_FAILURE: Final = 0x80
"""Reasons from here on are failures (MQTT 5, section 2.4)"""
_CLOSED: Final = {"AWS_IO_SOCKET_CLOSED", "AWS_ERROR_MQTT5_USER_REQUESTED_STOP"}
_PARTED: Final = {
    "AWS_ERROR_MQTT5_CLIENT_TERMINATED",
    "AWS_ERROR_MQTT5_OPERATION_FAILED_DUE_TO_DISCONNECTION",
    "AWS_ERROR_MQTT5_OPERATION_FAILED_DUE_TO_OFFLINE_QUEUE_POLICY",
    "AWS_ERROR_MQTT_TIMEOUT",
}
"""The message fell with the connection; nobody refused it"""


class AwsConnection(Connection):
    """See `Connection`."""

    def __init__(
        self, access: Access, identity: Identity, on_command: OnCommand, changed: Condition, *, resume: bool = False
    ) -> None:
        """``resume``: with the session of the connection before this one."""
        super().__init__(access, identity, on_command, changed)
        self._running = False
        self._told = ""
        self._numbers = count(1)
        # awscrt holds our callbacks where Python's garbage collector sees no circle: `_on_stopped` opens it
        self._client: mqtt5.Client | None = aws_client.make_client(
            access,
            identity,
            resume=resume,
            on_publish_callback_fn=self._on_message,
            on_lifecycle_event_connection_success_fn=self._on_connected,
            on_lifecycle_event_connection_failure_fn=self._on_refused,
            on_lifecycle_event_disconnection_fn=self._on_disconnected,
            on_lifecycle_event_stopped_fn=self._on_stopped,
        )

    @property
    def figures(self) -> Mapping[str, int]:
        """What awscrt itself counts: ``unacked`` is what it has sent, ``incomplete`` that and what it has still to send."""
        client = self._client
        if client is None:
            return {}
        stats = client.get_stats()
        return {
            "incomplete": stats.incomplete_operation_count,
            "incomplete_bytes": stats.incomplete_operation_size,
            "unacked": stats.unacked_operation_count,
            "unacked_bytes": stats.unacked_operation_size,
        }

    def open(self) -> None:
        """See `Connection.open`."""
        client = self._client
        if client is None:
            raise ValueError("a connection is opened once")
        self._running = True
        client.start()
        if self._wait_for_answer():
            for wanted, qos in self._identity.subscriptions.items():
                self._subscribe(client, wanted, qos)
            return
        self.drop()
        # awscrt has one name for all that goes wrong with certificates, and waits up to 30 s to tell it
        raise self._end or look(self.access, self._identity.client_id, self._told, aws_client.SESSION_SECONDS)

    def send(self, letter: Letter) -> None:
        """See `Connection.send`."""
        client = self._client
        if client is None or self._end is not None:
            raise BrokerError(f"the connection to the broker at {self.access.address} was lost")
        how = DELIVERY[letter.kind]
        packet = mqtt5.PublishPacket(
            topic=self._identity.topic(letter.kind), payload=letter.payload, qos=mqtt5.QoS(how.qos), retain=how.retain
        )
        number = next(self._numbers)
        with self._changed:
            self._in_flight[number] = letter.kind
        try:
            sent = client.publish(packet)
        except RuntimeError as error:  # awscrt's own rules for topics and packets
            with self._changed:
                self._note_confirmed(self._in_flight.pop(number), Reason(_FAILURE, str(error)))
            return
        sent.add_done_callback(lambda done: self._on_published(number, done))

    def close(self, seconds: float) -> None:
        """As `Connection.close`; the broker forgets the session, so that nobody obeys late after a restart."""
        self.settle(seconds)
        self._leave(mqtt5.DisconnectPacket(session_expiry_interval_sec=0))

    def drop(self) -> None:
        """See `Connection.drop`."""
        self._leave(mqtt5.DisconnectPacket())

    def _leave(self, farewell: mqtt5.DisconnectPacket) -> None:
        client = self._client
        first, self._dropped = not self._dropped, True
        if client is not None and first:
            client.stop(farewell)
        with self._changed:
            self._changed.wait_for(lambda: not self._running, DROP_SECONDS if self._accepted else 0)

    def _subscribe(self, client: mqtt5.Client, wanted: str, qos: int) -> None:
        number = next(self._numbers)
        with self._changed:
            self._subscribing[number] = wanted
        packet = mqtt5.SubscribePacket(subscriptions=[mqtt5.Subscription(topic_filter=wanted, qos=mqtt5.QoS(qos))])
        client.subscribe(packet).add_done_callback(lambda done: self._on_subscribed(number, done))

    # --- called by awscrt's thread ---

    def _on_connected(self, event: mqtt5.LifecycleConnectSuccessData) -> None:
        if event.negotiated_settings.rejoined_session:
            self.spoken += ", session resumed"
        self._accept()

    def _on_refused(self, event: mqtt5.LifecycleConnectFailureData) -> None:
        reason = _reason(event.connack_packet)
        if reason is not None:
            self._finish(failures.refused(reason, self.access, self._identity.client_id))
            return
        self._told = getattr(event.exception, "name", "")
        self._give_up()

    def _on_disconnected(self, event: mqtt5.LifecycleDisconnectData) -> None:
        goodbye = _reason(event.disconnect_packet)
        error = None if event.exception.name in _CLOSED else ConnectionError(event.exception.message)
        self._finish(failures.lost(None if goodbye else error, goodbye, self.access, self._identity.client_id))

    def _on_stopped(self, _event: object) -> None:
        with self._changed:
            self._running = False
            self._client = None
            self._changed.notify_all()

    def _on_published(self, number: int, done: Future[Any]) -> None:
        error = done.exception()
        with self._changed:
            kind = self._in_flight.pop(number)
            if error is None:
                self._note_confirmed(kind, _reason(done.result().puback))
            elif getattr(error, "name", "") not in _PARTED:
                self._note_confirmed(kind, Reason(_FAILURE, getattr(error, "message", str(error))))
            self._changed.notify_all()

    def _on_subscribed(self, number: int, done: Future[Any]) -> None:
        if done.exception() is not None:
            self._note_subscribed(number, None)  # the connection broke
            return
        codes = done.result().reason_codes
        self._note_subscribed(number, next((_words(code) for code in codes if code >= _FAILURE), None))

    def _on_message(self, event: mqtt5.PublishReceivedData) -> None:
        packet = event.publish_packet
        self._receive(packet.topic, bytes(packet.payload or b""), retained=packet.retain)


def _reason(packet: Any) -> Reason | None:  # noqa: ANN401  a packet with a reason code, if any
    """Of a failure."""
    code = None if packet is None else packet.reason_code
    return _words(code) if code is not None and code >= _FAILURE else None


def _words(code: int) -> Reason:
    return Reason(int(code), getattr(code, "name", f"reason {int(code)}").replace("_", " ").capitalize())
