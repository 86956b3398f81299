"""The two ways in for devices, in one thread with a loop of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from support.blynk.cloud import BlynkCloud
from support.blynk.device import Command, DeviceLine
from support.blynk.mqtt import MqttLine

Line = DeviceLine | MqttLine
Answer = TypeVar("Answer")
MakeLine = Callable[["Doors", asyncio.StreamReader, asyncio.StreamWriter], Line]


class Doors:
    """Listens until closed."""

    def __init__(
        self, cloud: BlynkCloud, host: str, ports: tuple[int, int], tls: ssl.SSLContext | None, redirect: tuple[str, int] | None
    ) -> None:
        """``ports``: of the binary protocol and of MQTT; 0: any. ``redirect``: where whoever comes in is sent."""
        self.cloud = cloud
        self.redirect = redirect
        self.deaf = False
        """Pings are left without an answer"""
        self.lines: list[Line] = []
        """Those let in"""
        self.came = 0
        """Connections so far, let in or not"""
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # e.g. a client that does not trust our certificate
        self._thread = Thread(target=self._loop.run_forever, name="blynk-doors", daemon=True)
        self._thread.start()
        self._servers = self._in_loop(lambda: self._listen(host, ports, tls))
        self.device_port, self.mqtt_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    def do(self, work: Callable[[Line], Answer]) -> list[Answer]:
        """``work`` with each connected line, in the loop's thread."""

        async def all_of_it() -> list[Answer]:
            return [work(line) for line in list(self.lines)]

        return self._in_loop(all_of_it)

    def ping(self) -> list[tuple[Line, int]]:
        """The server pings its devices; which line, and the ping's id, to look up in its ``answered``."""

        def one(line: Line) -> tuple[Line, int]:
            return line, line.publish("ping", "") if isinstance(line, MqttLine) else line.send(Command.PING)

        return self.do(one)

    def cut(self) -> None:
        """Break all connections."""

        async def abort() -> None:
            for writer in self._writers:
                writer.transport.abort()

        self._in_loop(abort)

    def close(self) -> None:
        """Listen no more, and break all connections."""
        self._in_loop(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _listen(self, host: str, ports: tuple[int, int], tls: ssl.SSLContext | None) -> list[asyncio.Server]:
        return [
            await asyncio.start_server(self._welcome(DeviceLine), host, ports[0], ssl=tls),
            await asyncio.start_server(self._welcome(MqttLine), host, ports[1], ssl=tls),
        ]

    def _welcome(self, kind: MakeLine) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            self.came += 1
            try:
                await kind(self, reader, writer).serve()
            finally:
                self._writers.discard(writer)
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

        return welcome

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for writer in self._writers:
            writer.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=2)

    def _in_loop(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)
