"""A broker of our own inside the process, for machines without one: amqtt, MQTT 3.1.1, on the loopback only."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from threading import Thread
from typing import Any

from howsitgoing_edge.errors import BrokerError
from howsitgoing_edge.mqtt.access import PLAIN_PORT
from howsitgoing_edge.mqtt.greeting import NOT_SPOKEN, Greeting

HOST = "127.0.0.1"
TRIED_PORTS = 20
MAX_CONNECTIONS = 50
START_SECONDS = 15.0
STOP_SECONDS = 1.0
GREETING_SECONDS = 10.0

log = logging.getLogger(__name__)


class OwnBroker:
    """Runs in a thread of its own. Nothing is kept over a restart; the link publishes its state again anyway."""

    def __init__(self, port: int = PLAIN_PORT) -> None:
        """``port``: the first to try; the next free one is taken."""
        self._ports = range(port, min(port + TRIED_PORTS, 65_536))
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="own-broker", daemon=True)
        self._broker: Any = None
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.StreamWriter] = set()

    def start(self) -> tuple[str, int]:
        """Serve. Takes about half a second, most of it the import.

        Returns:
            Host and port.

        Raises:
            BrokerError: no port is free, or it does not start in time.
        """
        self._thread.start()
        try:
            port = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(START_SECONDS)
        except TimeoutError:
            port = None
        if port is None:
            self.close()
            raise BrokerError(f"no broker of our own could be started at {HOST}, port {self._ports[0]} to {self._ports[-1]}")
        log.info("own broker at %s:%d; listen to it with: mosquitto_sub -p %d -v -t 'howsitgoing/#'", HOST, port, port)
        return HOST, port

    def close(self) -> None:
        """Stop within a second. May be called twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._stop()))
            self._thread.join(STOP_SECONDS)

    # --- in its thread ---

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _, context: log.debug("own broker: %s", context.get("message")))
        self._loop.run_forever()
        self._loop.close()

    async def _serve(self) -> int | None:
        from amqtt.broker import Broker  # heavy, and only needed where no other broker is configured

        for name in ("amqtt", "transitions"):  # they tell of every packet, and as errors of things that are none
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # The sockets are ours (an "external" listener), so that we choose the port, and close them for certain.
        anybody = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        self._broker = Broker({"listeners": {"default": {"type": "external"}}, "plugins": anybody})
        await self._broker.start()
        for port in self._ports:
            with suppress(OSError):
                self._server = await asyncio.start_server(self._welcome, HOST, port)
                return port
        return None

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from amqtt.adapters import StreamWriterAdapter

        if len(self._guests) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._guests.add(writer)
        greeting = Greeting(reader)
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                understood = await greeting.is_understood()
            if understood:
                await self._broker.external_connected(greeting, StreamWriterAdapter(writer), "default")
            else:
                writer.write(NOT_SPOKEN)
                await writer.drain()
        except Exception as error:  # noqa: BLE001  amqtt raises anything on hearing something else than MQTT
            log.debug("own broker: a connection ended with %r", error)
        finally:
            self._guests.discard(writer)
            writer.close()

    async def _stop(self) -> None:
        await _settle()  # who was just being let in is a guest now: asyncio forgets sockets it accepted for a closed server
        if self._server is not None:
            self._server.close()
        for guest in list(self._guests):
            guest.transport.abort()
        if self._broker is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._broker.shutdown(), STOP_SECONDS / 4)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=STOP_SECONDS / 4)
        await _settle()  # what was aborted is closed now
        self._loop.stop()


async def _settle() -> None:
    """Some rounds of the loop: asyncio needs four to turn a connection into a task, or an abort into a closed socket."""
    for _ in range(8):
        await asyncio.sleep(0)
