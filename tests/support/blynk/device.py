"""The binary protocol that Blynk's libraries speak: frames of a type, an id and a length, then a body of NUL-joined texts.

A response carries its status in place of the length. Names and numbers are those of blynk-library's BlynkProtocolDefs.h.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from support.blynk.cloud import AnswerError, Value

if TYPE_CHECKING:
    from support.blynk.doors import Doors

HEADER: Final = struct.Struct("!BHH")
HEARTBEATS: Final = 2.3
"""A device that is silent for so many of its heartbeats is offline"""


class Command(IntEnum):
    """Types of frames."""

    RESPONSE = 0
    PING = 6
    HARDWARE_SYNC = 16
    INTERNAL = 17
    PROPERTY = 19
    HARDWARE = 20
    HW_LOGIN = 29
    REDIRECT = 41
    EVENT_LOG = 64


class Status(IntEnum):
    """Statuses of responses."""

    ILLEGAL_COMMAND = 2
    NOT_AUTHENTICATED = 5
    INVALID_TOKEN = 9
    ILLEGAL_COMMAND_BODY = 11
    SUCCESS = 200


class DeviceLine:
    """One connection of a device."""

    def __init__(self, doors: Doors, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves when `serve` runs."""
        self._doors = doors
        self._cloud = doors.cloud
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._token = ""
        self._number = 0
        self._silence: float | None = 10.0
        self.answered: dict[int, int] = {}
        """Status of each response, by its id: what the device said to our pings"""

    async def serve(self) -> None:
        """Until one of both ends it."""
        device = None
        try:
            if not await self._let_in():
                return
            device = self._cloud.connect(self._token, self.downlink)
            self._doors.lines.append(self)
            if self._doors.redirect is not None:
                self.send(Command.REDIRECT, *self._doors.redirect)
            while True:
                command, number, body = await self._frame()
                self._obey(command, number, body)
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass
        finally:
            if device is not None:
                self._doors.lines.remove(self)
                self._cloud.disconnect(device, self.downlink)

    def downlink(self, name: str, value: Value) -> None:
        """Somebody else wrote a datastream; from any thread."""
        pin = self._cloud.device(self._token).pin_of(name)
        with suppress(RuntimeError):  # the stand-in is being closed
            self._loop.call_soon_threadsafe(self.send, Command.HARDWARE, "vw", pin[1:], value)

    def send(self, command: Command, *texts: object) -> int:
        """A frame of our own; its id."""
        self._number = self._number % 0xFFFF + 1
        body = "\0".join(map(str, texts)).encode()
        self._writer.write(HEADER.pack(command, self._number, len(body)) + body)
        return self._number

    def send_raw(self, data: bytes) -> None:
        """Whatever a broken server might send."""
        self._writer.write(data)

    async def _frame(self) -> tuple[int, int, list[str]]:
        async with asyncio.timeout(self._silence):
            command, number, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
            if command == Command.RESPONSE:
                self.answered[number] = length
                return command, number, []
            body = await self._reader.readexactly(length)
        return command, number, body.decode().split("\0")

    async def _let_in(self) -> bool:
        command, number, body = await self._frame()
        if command != Command.HW_LOGIN:
            self._respond(number, Status.NOT_AUTHENTICATED)
            return False
        self._token = body[0]
        try:
            self._cloud.device(self._token)
        except AnswerError:
            self._respond(number, Status.INVALID_TOKEN)
            return False
        self._respond(number, Status.SUCCESS)
        return True

    def _obey(self, command: int, number: int, body: Sequence[str]) -> None:
        try:
            match command, body:
                case Command.RESPONSE, _:
                    pass
                case Command.PING, _:
                    if not self._doors.deaf:
                        self._respond(number, Status.SUCCESS)
                case Command.HARDWARE, ["vw", pin, *values]:
                    self._cloud.write(self._token, {f"V{pin}": "\0".join(values)}, "device", self.downlink)
                case Command.HARDWARE_SYNC, ["vr", *pins]:
                    self._sync(pins)
                case Command.INTERNAL, _:
                    self._note(dict(zip(body[::2], body[1::2], strict=False)))
                    self._respond(number, Status.SUCCESS)
                case Command.EVENT_LOG, [code, *description]:
                    self._cloud.log_event(self._token, code, "\0".join(description))
                case Command.PROPERTY, _:
                    self._respond(number, Status.SUCCESS)
                case _:
                    self._respond(number, Status.ILLEGAL_COMMAND)
        except AnswerError:
            self._respond(number, Status.ILLEGAL_COMMAND_BODY)

    def _sync(self, pins: Sequence[str]) -> None:
        """A datastream without a value is not answered."""
        device = self._cloud.device(self._token)
        for pin in pins:
            value = device.values.get(device.check_pin(f"V{pin}"))
            if value is not None:
                self.send(Command.HARDWARE, "vw", pin, value)

    def _note(self, told: dict[str, str]) -> None:
        self._cloud.device(self._token).told.update(told)
        if "h-beat" in told:
            self._silence = int(told["h-beat"]) * HEARTBEATS

    def _respond(self, number: int, status: Status) -> None:
        self._writer.write(HEADER.pack(Command.RESPONSE, number, status))
