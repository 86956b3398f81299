"""Somebody who listens at a broker, and may command.

with Subscriber(broker.port) as listener:
    listener.wait_for(lambda heard: any(m.topic.endswith("/event") for m in heard))
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Heard:
    """One message as it came."""

    topic: str
    payload: bytes
    retained: bool
    """It lay at the broker when we subscribed."""
    qos: int
    at: float
    """Seconds of time.monotonic"""

    @property
    def text(self) -> str:
        """The payload as text."""
        return self.payload.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The payload as a JSON object."""
        content: dict[str, Any] = json.loads(self.payload)
        return content


class Subscriber:
    """Collects everything below ``topic``; connects again by itself when the broker comes back."""

    def __init__(
        self,
        port: int,
        topic: str = "howsitgoing/#",
        *,
        host: str = "127.0.0.1",
        user: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    ) -> None:
        """Connects when entered."""
        self._address = host, port
        self._topic = topic
        self._heard: list[Heard] = []
        self._changed = threading.Condition()
        self._subscribed = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        self._client.reconnect_delay_set(1, 1)
        if user is not None:
            self._client.username_pw_set(*user)
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.on_connect = lambda client, *_: client.subscribe(self._topic, 1)
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self._client.connect_async(*self._address)
        self._client.loop_start()
        self.wait_until_subscribed()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def heard(self) -> list[Heard]:
        """All messages so far, in order."""
        with self._changed:
            return list(self._heard)

    def on(self, topic: str) -> list[Heard]:
        """Those of one topic; ``topic`` may be the last part alone, e.g. ``mood``."""
        return [message for message in self.heard if message.topic == topic or message.topic.endswith(f"/{topic}")]

    def wait_for(self, predicate: Callable[[list[Heard]], Answer], seconds: float = 10) -> Answer:
        """What ``predicate`` says of all messages so far, as soon as it is true; else the test fails and shows them."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (answer := predicate(list(self._heard))):
                if not self._changed.wait(deadline - time.monotonic()):
                    last = [f"{m.topic} {m.payload[:80]!r} retained={m.retained}" for m in self._heard[-30:]]
                    listed = "\n".join(last) or "nothing"
                    pytest.fail(f"not heard within {seconds} s; heard {len(self._heard)} messages, the last:\n{listed}")
        return answer

    def wait_until_subscribed(self, seconds: float = 10) -> None:
        """Also after a broker came back."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._subscribed, seconds):
                pytest.fail(f"no subscription at {self._address} within {seconds} s")

    def wait_for_text(self, topic: str, text: str, seconds: float = 10) -> Heard:
        """The next or a past message of ``topic`` (or its last part) with exactly this payload."""
        return self.wait_for(
            lambda heard: next(
                (m for m in heard if (m.topic == topic or m.topic.endswith(f"/{topic}")) and m.payload == text.encode()), None
            ),
            seconds,
        ) or pytest.fail("unreachable")

    def publish(self, topic: str, payload: str | bytes = b"", *, retain: bool = False, qos: int = 1) -> None:
        """Send, and wait until the broker has it."""
        self._client.publish(topic, payload, qos, retain).wait_for_publish(10)

    def _on_subscribe(self, *_: object) -> None:
        with self._changed:
            self._subscribed = True
            self._changed.notify_all()

    def _on_disconnect(self, *_: object) -> None:
        with self._changed:
            self._subscribed = False
            self._changed.notify_all()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        heard = Heard(message.topic, bytes(message.payload), message.retain, message.qos, time.monotonic())
        with self._changed:
            self._heard.append(heard)
            self._changed.notify_all()
