"""Blynk's MQTT API by paho: one message for all datastreams, a last will, encryption; driven by the panel's own thread."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from howsitgoing_edge.cloud.blynk.access import BlynkAccess
from howsitgoing_edge.cloud.blynk.alerts import Alert
from howsitgoing_edge.cloud.blynk.line import CONNECT_SECONDS, Heard, RedirectedError, Waker, lost, refused, unreachable
from howsitgoing_edge.cloud.blynk.streams import PINS, Pin, Value
from howsitgoing_edge.contract import Availability
from howsitgoing_edge.errors import BlynkError

KEEPALIVE: Final = 45
_USER: Final = "device"
_DOWNLINK: Final = "downlink/"
_REFUSALS: Final = {"Bad user name or password", "Not authorized"}
_LONGEST_WAIT: Final = 1.0
"""Seconds until paho may look after its keepalive again"""

log = logging.getLogger(__name__)


class MqttLine:
    """One connection."""

    def __init__(self, access: BlynkAccess, waker: Waker) -> None:
        """Connects and subscribes, within some seconds.

        Raises:
            BlynkError: not now.
            BlynkRefused: not before a person acts.
        """
        self._access = access
        self._waker = waker
        self._heard: list[Heard] = []
        self._elsewhere: BlynkAccess | None = None
        self._answer: Any = None
        self._unconfirmed: set[int] = set()
        self.complaint: str | None = None
        self._client = self._made()
        try:
            self._client.connect(access.host, access.port, KEEPALIVE)
        except (OSError, ValueError) as error:
            self.close()
            raise unreachable(error, access) from error
        try:
            self._log_in()
        except BaseException:
            self.close()
            raise

    @property
    def settled(self) -> bool:
        """The server has confirmed everything."""
        return not self._unconfirmed

    def write(self, values: Mapping[Pin, Value]) -> None:
        """All in one message."""
        self._publish("batch_ds", json.dumps({pin.stream: value for pin, value in values.items()}, ensure_ascii=False))

    def ask(self, pin: Pin) -> None:
        """The answer, if there is one, comes as any other change."""
        self._publish("get/ds", pin.stream)

    def event(self, alert: Alert) -> None:
        """An event of the template."""
        self._publish(f"event/{alert.code}", alert.text)

    def listen(self, seconds: float) -> Sequence[Heard]:
        """See `Line.listen`."""
        self._turn(seconds)
        if self._elsewhere is not None:
            raise RedirectedError(self._elsewhere)
        heard, self._heard = self._heard, []
        return heard

    def close(self) -> None:
        """With a farewell, so that the last will is not carried out."""
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
            self._client.loop_write()
        if (left := self._client.socket()) is not None:
            left.close()

    def _made(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            "",
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.username_pw_set(_USER, self._access.token)
        client.will_set(f"ds/{Pin.AVAILABILITY.stream}", Availability.OFFLINE, 1)
        if self._access.tls is not None:
            client.tls_set_context(self._access.tls)
        client.connect_timeout = CONNECT_SECONDS
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._answered(reason)
        client.on_message = lambda _client, _data, message: self._on_message(message)
        client.on_publish = lambda _client, _data, number, _reason, _properties: self._unconfirmed.discard(number)
        return client

    def _log_in(self) -> None:
        deadline = time.monotonic() + CONNECT_SECONDS
        while self._answer is None:
            if (left := deadline - time.monotonic()) <= 0:
                raise BlynkError(f"{self._access.who} leaves our greeting without an answer; check the port in blynk.server")
            self._turn(left)
        if str(self._answer) in _REFUSALS:
            raise refused(self._access)
        if self._answer.is_failure:
            raise BlynkError(f"{self._access.who} does not let us in: {self._answer}")
        self._client.subscribe(f"{_DOWNLINK}#", 1)

    def _answered(self, reason: object) -> None:
        self._answer = reason

    def _turn(self, seconds: float) -> None:
        """One round of paho's work."""
        connection = cast("socket.socket | None", self._client.socket())
        if connection is None:
            raise lost(self._access)
        writable = self._client.want_write()
        readable = self._waker.wait(connection, min(seconds, _LONGEST_WAIT), writable=writable)
        done = MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            if writable:
                done = self._client.loop_write()
            if readable and not done:
                done = self._client.loop_read()
            done = done or self._client.loop_misc()
        except Exception as error:  # whatever a broken server makes paho raise
            raise lost(self._access, f"it sends what is no MQTT: {type(error).__name__}") from error
        if done and (self._answer is None or not self._answer.is_failure):
            raise lost(self._access)

    def _publish(self, topic: str, text: str) -> None:
        sent = self._client.publish(topic, text, 1)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise lost(self._access)
        self._unconfirmed.add(sent.mid)

    def _on_message(self, message: paho.MQTTMessage) -> None:
        path, text = message.topic.removeprefix(_DOWNLINK), message.payload.decode("utf-8", "replace")
        kind, _, name = path.partition("/")
        if kind == "ds" and name in PINS:
            self._heard.append(Heard(PINS[name], text))
        elif path == "redirect":
            host, _, port = text.rpartition(":")
            self._elsewhere = self._access.redirected(host, port)
        elif path == "diag":
            self.complaint = f"{self._access.who} says of what we write: {text[:120]}; compare the template with docs/blynk.md"
