"""A connection by paho."""

from __future__ import annotations

import sys
from threading import Condition

import paho.mqtt.client as paho
from paho.mqtt.enums import LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from howsitgoing_edge.contract import DELIVERY
from howsitgoing_edge.errors import BrokerError, EdgeError
from howsitgoing_edge.mqtt import certificates, failures
from howsitgoing_edge.mqtt.access import Access
from howsitgoing_edge.mqtt.connection import DROP_SECONDS, Connection, Identity, OnCommand
from howsitgoing_edge.mqtt.failures import Reason
from howsitgoing_edge.mqtt.look import overheard
from howsitgoing_edge.mqtt.paho_client import make_client
from howsitgoing_edge.mqtt.waiting import Letter


class PahoConnection(Connection):
    """See `Connection`."""

    def __init__(
        self, access: Access, identity: Identity, version: MQTTProtocolVersion, on_command: OnCommand, changed: Condition
    ) -> None:
        """Nothing happens before `open`."""
        super().__init__(access, identity, on_command, changed)
        self.spoken = version.name
        self._running = False
        self._goodbye: ReasonCode | None = None
        self._network_error: Exception | None = None
        self._confirmed_early: dict[int, ReasonCode] = {}
        self._client = make_client(access, identity, version)
        self._client.ended = self._on_ended
        self._client.on_log = self._on_log
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message

    def open(self) -> None:
        """See `Connection.open`."""
        failure = self._knock() or self._refusal()
        if failure is not None:
            self.drop()
            raise failure

    def send(self, letter: Letter) -> None:
        """See `Connection.send`."""
        how = DELIVERY[letter.kind]
        info = self._client.publish(self._identity.topic(letter.kind), letter.payload, how.qos, how.retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerError(f"the connection to the broker at {self.access.address} was lost")
        with self._changed:
            reason = self._confirmed_early.pop(info.mid, None)
            if reason is None:
                self._in_flight[info.mid] = letter.kind
            else:  # paho's thread was quicker than this one
                self._note_confirmed(letter.kind, _failure(reason))

    def drop(self) -> None:
        """See `Connection.drop`."""
        self._dropped = True
        self._client.disconnect()
        with self._changed:  # paho's own loop_stop would wait for ever on a network that swallows everything
            self._changed.wait_for(lambda: not self._running, DROP_SECONDS)

    def _knock(self) -> EdgeError | None:
        try:
            self._client.connect_to(self.access)
        except (OSError, ValueError) as error:
            return failures.unreachable(error, self.access)  # not raised from it: that would keep its socket open
        return None

    def _refusal(self) -> EdgeError | None:
        self._running = True
        self._client.loop_start()
        if self._wait_for_answer():
            return None
        error = self._network_error
        missed = error is not None and self.access.certified and not certificates.is_about_ours(error)
        return (overheard(self.access) if missed else None) or self._end or failures.unanswered(None, self.access)

    # --- called by paho's thread ---

    def _on_connect(self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        if reason.is_failure:
            self._finish(failures.refused(_reason(reason), self.access, self._identity.client_id))
            return
        for wanted, qos in self._identity.subscriptions.items():
            _, number = client.subscribe(wanted, qos)
            self._subscribing[number or 0] = wanted
        self._accept()

    def _on_disconnect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _properties: object) -> None:
        self._goodbye = self._goodbye or reason  # paho calls twice: for the broker's goodbye, then for the closed socket

    def _on_log(self, _client: object, _data: object, level: int, _text: str) -> None:
        error = sys.exception()  # paho logs a socket's error from where it catches it, and keeps it to itself
        if level == LogLevel.MQTT_LOG_ERR and isinstance(error, OSError):
            self._network_error = error

    def _on_ended(self, surprise: Exception | None) -> None:
        self._running = False
        error = surprise or self._network_error
        goodbye = _reason(self._goodbye) if self._goodbye is not None else None
        if not self._accepted:
            self._finish(failures.unanswered(error, self.access))
        else:
            self._finish(failures.lost(error, goodbye, self.access, self._identity.client_id))

    def _on_subscribe(
        self, _client: object, _data: object, number: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        self._note_subscribed(number, next((_reason(reason) for reason in reasons if reason.is_failure), None))

    def _on_publish(self, _client: object, _data: object, number: int, reason: ReasonCode, _properties: object) -> None:
        with self._changed:
            kind = self._in_flight.pop(number, None)
            if kind is None:
                self._confirmed_early[number] = reason
            else:
                self._note_confirmed(kind, _failure(reason))
            self._changed.notify_all()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self._receive(message.topic, bytes(message.payload), retained=message.retain)


def _reason(reason: ReasonCode) -> Reason:
    return Reason(reason.value, str(reason))


def _failure(reason: ReasonCode) -> Reason | None:
    return _reason(reason) if reason.is_failure else None
