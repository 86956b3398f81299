"""A device whose face the test decides: speaks the contract at a real broker, with a last will, and obeys."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import paho.mqtt.client as paho
from custom_components.howsitgoing._contract import (
    DELIVERY,
    ContractError,
    Info,
    Refusal,
    Settings,
    Topic,
    decode_value,
    to_rfc3339,
    topic,
    with_setting,
)
from homeassistant.util import slugify
from paho.mqtt.enums import CallbackAPIVersion
from support.home_assistant import HEALTH, INFO, NOON

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from custom_components.howsitgoing._contract import Health


class Hat:
    """One device; online while it is entered."""

    def __init__(self, port: int, device_id: str, name: str, context: ssl.SSLContext | None = None) -> None:
        """Connects when entered, to the broker at 127.0.0.1; with ``context``, by TLS."""
        self.info: Info = replace(INFO, device_id=device_id, name=name)
        self.settings = Settings()
        self.health: Health = HEALTH
        self.said: list[str] = []
        """Payloads on the topic ``say``"""
        self._port = port
        self._context = context
        self._online = threading.Event()
        self._client = self._new_client()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def slug(self, domain: str, entity: str) -> str:
        """Id of one of its entities in Home Assistant."""
        return f"{domain}.{slugify(self.info.name)}_{entity}"

    def connect(self) -> None:
        """Come online."""
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self.wait_until_online()

    def wait_until_online(self) -> None:
        """Also after a broker came back."""
        assert self._online.wait(30)

    def stop(self) -> None:
        """Leave in peace."""
        if not self._online.is_set():
            return
        self.publish(Topic.AVAILABILITY, "stopped")
        self._client.disconnect()
        self._client.loop_stop()
        self._online.clear()

    def vanish(self) -> None:
        """As by a power cut: the broker publishes the last will."""
        self._online.clear()
        sock = self._client.socket()
        self._client.loop_stop()
        if sock is not None:
            sock.close()
        self._client = self._new_client()

    def publish(self, kind: Topic, message: Any) -> None:  # noqa: ANN401  a message of the contract, or what is none
        """Publish as the contract says; done when the broker has it."""
        payload = message.to_json() if hasattr(message, "to_json") else message
        delivery = DELIVERY[kind]
        self._client.publish(topic(self.info.device_id, kind), payload, delivery.qos, delivery.retain).wait_for_publish(10)

    def publish_at(self, name: str, payload: str) -> None:
        """Publish what the contract does not know, retained."""
        self._client.publish(name, payload, 1, retain=True).wait_for_publish(10)

    def _new_client(self) -> paho.Client:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.info.device_id)
        if self._context is not None:
            client.tls_set_context(self._context)
        client.reconnect_delay_set(1, 1)
        client.will_set(topic(self.info.device_id, Topic.AVAILABILITY), "offline", 1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = lambda *_: self._online.clear()
        client.on_message = self._commanded
        return client

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe([(topic(self.info.device_id, Topic.SET, "+"), 1), (topic(self.info.device_id, Topic.SAY), 1)])
        states = {
            Topic.INFO: self.info.to_json(),
            Topic.SETTINGS: self.settings.to_json(),
            Topic.HEALTH: self.health.to_json(),
            Topic.AVAILABILITY: "online",
        }
        for kind, payload in states.items():
            client.publish(topic(self.info.device_id, kind), payload, DELIVERY[kind].qos, DELIVERY[kind].retain)
        self._online.set()

    def _commanded(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        path = message.topic.split("/", 2)[2]
        if path == Topic.SAY:
            self.said.append(message.payload.decode())
            return
        try:
            self.settings = with_setting(self.settings, path.removeprefix("set/"), decode_value(message.payload))
        except ContractError as error:
            answer, kind = Refusal(path, str(error), to_rfc3339(NOON)).to_json(), Topic.ERROR
        else:
            answer, kind = self.settings.to_json(), Topic.SETTINGS
        client.publish(topic(self.info.device_id, kind), answer, DELIVERY[kind].qos, DELIVERY[kind].retain)
