"""Blynk's Python library, loaded quietly, with what it stumbles over mended; see `library` for why."""

from __future__ import annotations

import importlib.util
import logging
import struct
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from howsitgoing_edge.errors import BlynkRefused

HEARTBEAT: Final = 10
"""Seconds without traffic until a ping is sent; after half of that again without an answer the connection is lost"""
BUFFER: Final = 4096
HEADER: Final = struct.Struct("!BHH")
SUCCESS: Final = 200

log = logging.getLogger(__name__)


@cache
def library() -> Any:  # noqa: ANN401  an untyped module
    """The module ``BlynkLib``.

    Raises:
        BlynkRefused: it is not installed.
    """
    spec = importlib.util.find_spec("BlynkLib")
    if spec is None or spec.loader is None:
        raise BlynkRefused('blynk.link = "library" needs a package: pip install "howsitgoing[cloud]"')
    module = importlib.util.module_from_spec(spec)
    # Its banner and its remarks must not reach standard output, where another program may read events.
    vars(module)["print"] = lambda *words: log.debug("library: %s", " ".join(map(str, words)).strip().splitlines()[-1:])
    spec.loader.exec_module(module)
    vars(module)["gettime"] = lambda: int(time.monotonic() * 1000)  # its own is the wall clock, which jumps
    return module


@cache
def protocol() -> Any:  # noqa: ANN401  a class on an untyped base
    """Its protocol's class, made with a token and what takes the bytes for the server. Raises as `library`."""
    module = library()

    class Protocol(module.BlynkProtocol):  # type: ignore[misc, name-defined]
        """The library's protocol, writing where we say."""

        def __init__(self, token: str, write: Callable[[bytes], None]) -> None:
            self._to_server = write
            super().__init__(token, heartbeat=HEARTBEAT, buffin=BUFFER)

        def _write(self, data: bytes) -> None:
            self._to_server(data)

        def _send(self, command: int, *texts: object, **given: int) -> None:
            if "id" in given:  # only its answer to a ping has one, and there the library stumbles
                self._write(HEADER.pack(command, given["id"], SUCCESS))
            else:
                super()._send(command, *texts)

    return Protocol
