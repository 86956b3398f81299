"""Blynk's Device MQTT API, by amqtt's packets: user ``device``, the token as password, and topics of each device's own."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from amqtt.adapters import StreamReaderAdapter
from amqtt.errors import AMQTTError
from amqtt.mqtt import packet_class
from amqtt.mqtt.connack import BAD_USERNAME_PASSWORD, CONNECTION_ACCEPTED, NOT_AUTHORIZED, ConnackPacket
from amqtt.mqtt.connect import ConnectPacket
from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.packet import MQTTFixedHeader
from amqtt.mqtt.pingreq import PingReqPacket
from amqtt.mqtt.pingresp import PingRespPacket
from amqtt.mqtt.puback import PubackPacket
from amqtt.mqtt.publish import PublishPacket
from amqtt.mqtt.suback import SubackPacket
from amqtt.mqtt.subscribe import SubscribePacket
from support.blynk.cloud import AnswerError, Device, Value

if TYPE_CHECKING:
    from support.blynk.doors import Doors

DOWNLINK: Final = "downlink/"
_REFUSED: Final = 0x80


class MqttLine:
    """One connection of a device."""

    def __init__(self, doors: Doors, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves when `serve` runs."""
        self._doors = doors
        self._cloud = doors.cloud
        self._reader = StreamReaderAdapter(reader)
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._silence = 10.0
        self._token = ""
        self._subscribed = False
        self._will: tuple[str, bytes] | None = None
        self._number = 0
        self.answered: dict[int, int] = {}
        """Ids of our messages that the device confirmed"""
        self.keepalive = 0
        self.clean = False

    async def serve(self) -> None:
        """Until one of both ends it; without a farewell the last will is carried out."""
        device = None
        try:
            if not await self._let_in():
                return
            device = self._take_over()
            if self._doors.redirect is not None:  # also to who has not subscribed
                self.publish("redirect", ":".join(map(str, self._doors.redirect)), qos=0)
            while not isinstance(packet := await self._packet(), DisconnectPacket):
                self._obey(packet)
            self._will = None
        except (AMQTTError, TimeoutError, ConnectionError):
            pass
        finally:
            if device is not None:
                self._doors.lines.remove(self)
                self._cloud.disconnect(device, self.downlink)
                if self._will is not None:
                    self._take(*self._will, by="will")

    def downlink(self, name: str, value: Value) -> None:
        """Somebody else wrote a datastream; from any thread."""
        if self._subscribed:
            with suppress(RuntimeError):  # the stand-in is being closed
                self._loop.call_soon_threadsafe(self.publish, f"ds/{name}", str(value))

    def publish(self, below: str, text: str, qos: int = 1) -> int:
        """A message to the device; its id."""
        self._number = self._number % 0xFFFF + 1
        number = self._number if qos else None
        self._send(PublishPacket.build(DOWNLINK + below, text.encode(), number, False, qos, False))
        return self._number

    def send_raw(self, data: bytes) -> None:
        """Whatever a broken server might send."""
        self._writer.write(data)

    async def _let_in(self) -> bool:
        packet = await self._packet()
        if not isinstance(packet, ConnectPacket):
            return False
        self._token, self.keepalive, self.clean = packet.password or "", packet.keep_alive, packet.clean_session_flag
        try:
            self._cloud.device(self._token)
        except AnswerError:
            self._send(ConnackPacket.build(0, BAD_USERNAME_PASSWORD))
            return False
        if packet.username != "device" or not packet.clean_session_flag:
            self._send(ConnackPacket.build(0, NOT_AUTHORIZED))
            return False
        self._silence = 1.5 * self.keepalive if self.keepalive else 3600.0
        if packet.will_flag:
            self._will = packet.will_topic or "", bytes(packet.will_message or b"")
        self._send(ConnackPacket.build(0, CONNECTION_ACCEPTED))
        return True

    def _take_over(self) -> Device:
        """Two connections with one token are not allowed: the newer one stays."""
        for other in self._doors.lines:
            if isinstance(other, MqttLine) and other._token == self._token:
                other._writer.transport.abort()
        self._doors.lines.append(self)
        return self._cloud.connect(self._token, self.downlink)

    async def _packet(self) -> Any:  # noqa: ANN401  amqtt's packets are not typed
        async with asyncio.timeout(self._silence):
            header = await MQTTFixedHeader.from_stream(self._reader)
            if header is None:
                raise ConnectionError
            return await packet_class(header).from_stream(self._reader, fixed_header=header)

    def _send(self, packet: Any) -> None:  # noqa: ANN401  likewise
        self._writer.write(packet.to_bytes())

    def _obey(self, packet: object) -> None:
        if isinstance(packet, PingReqPacket):
            if not self._doors.deaf:
                self._send(PingRespPacket())
        elif isinstance(packet, PubackPacket):
            self.answered[packet.packet_id] = 200
        elif isinstance(packet, SubscribePacket):
            self._subscribe(packet)
        elif isinstance(packet, PublishPacket):
            self._take(packet.topic_name or "", bytes(packet.data or b""), by="mqtt")
            if packet.qos:
                self._send(PubackPacket.build(packet.packet_id))

    def _subscribe(self, packet: SubscribePacket) -> None:
        """Only to what is below ``downlink/``."""
        allowed = [topic.startswith(DOWNLINK) for topic, _ in packet.payload.topics]
        self._subscribed = self._subscribed or any(allowed)
        self._send(SubackPacket.build(packet.variable_header.packet_id, [1 if fine else _REFUSED for fine in allowed]))

    def _take(self, topic: str, payload: bytes, by: str) -> None:
        try:
            self._carry_out(topic.split("/"), payload.decode(), by)
        except (AnswerError, ValueError) as error:
            if by != "will":
                self.publish("diag", str(error), qos=0)

    def _carry_out(self, path: list[str], text: str, by: str) -> None:
        device = self._cloud.device(self._token)
        match path:
            case ["ds", name]:
                self._cloud.write(self._token, {device.pin_of(name): text}, by, self.downlink)
            case ["batch_ds"]:
                self._cloud.write(self._token, _batch(device, json.loads(text)), by, self.downlink)
            case ["get", "ds"] | ["get", "ds", "all"]:
                for pin in device.template if len(path) > 2 else map(device.pin_of, text.split(",")):
                    if pin in device.values and (len(path) == 2 or device.template[pin].synced):
                        self.publish(f"ds/{device.template[pin].name}", str(device.values[pin]))
            case ["event", code]:
                self._cloud.log_event(self._token, code, text)
            case ["info", "mcu"]:
                device.told.update({name: str(value) for name, value in json.loads(text).items()})
            case _:
                raise AnswerError(f"unexpected topic {'/'.join(path)}")


def _batch(device: Device, content: dict[str, object]) -> dict[str, object]:
    """The type of each JSON value must be that of the datastream."""
    values = {device.pin_of(name): value for name, value in content.items()}
    for pin, value in values.items():
        if isinstance(value, bool) or isinstance(value, str) != (device.template[pin].kind is str):
            raise AnswerError("Value doesn't match the Datastream data type.")
    return values
