"""The first bytes that a client sends to our own broker: amqtt would let a greeting of MQTT 5 wait for ever."""

from __future__ import annotations

import asyncio
from typing import Final

NOT_SPOKEN: Final = bytes((0x20, 0x02, 0x00, 0x01))
"""MQTT 3.1.1's answer "unacceptable protocol version" (section 3.2.2.3); clients of MQTT 5 understand it and try 3.1.1."""
_CONNECT: Final = 0x10
_NAME: Final = b"\x00\x04MQTT"
_SPOKEN: Final = 4
"""The protocol level of MQTT 3.1.1"""


class Greeting:
    """Reads a stream's beginning ahead, and then gives all of it to whoever reads on: an amqtt ReaderAdapter."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._ahead = b""

    async def is_understood(self) -> bool:
        """False: it is MQTT of a version that amqtt does not speak. What is no MQTT at all, amqtt knows to refuse.

        Raises:
            asyncio.IncompleteReadError: the client left.
        """
        start = await self._reader.readexactly(2)
        while start[-1] & 0x80 and len(start) < 1 + 4:  # the packet's length goes on
            start += await self._reader.readexactly(1)
        if start[0] == _CONNECT:
            start += await self._reader.readexactly(len(_NAME) + 1)
        self._ahead = start
        return not start[:-1].endswith(_NAME) or start[-1] == _SPOKEN

    async def read(self, n: int = -1) -> bytes:
        """``n`` bytes, or all until the end.

        Raises:
            asyncio.IncompleteReadError: there are no more.
        """
        if n < 0:
            start, self._ahead = self._ahead, b""
            return start + await self._reader.read()
        start, self._ahead = self._ahead[:n], self._ahead[n:]
        return start + await self._reader.readexactly(n - len(start))

    def feed_eof(self) -> None:
        """The end."""
        self._reader.feed_eof()
