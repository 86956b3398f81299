"""An agent as a process of its own, and the real parts around it: broker, subscriber, loudspeaker."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import psutil
import pytest
from support.commands import COMMAND
from support.sound import SoundServer
from support.waiting import until

from .parts import yunet_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_READY: Final = 30.0
_OWN_BROKER: Final = re.compile(r"own broker at [\d.]+:(\d+)")


class RunningAgent:
    """``howsitgoing run`` with a home of its own. Use as a context manager."""

    def __init__(self, home: Path, *words: str, **environment: str) -> None:
        """``words``: what follows ``run``; ``environment``: changes to ours."""
        yunet = yunet_file()
        found = {} if yunet is None else {"HOWSITGOING_VISION__YUNET_FILE": str(yunet)}
        self._log = home / "agent.log"
        self.begun = time.monotonic()
        """When it was started, on the monotonic clock"""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "run", *words],
                env={**os.environ, "HOME": str(home), **found, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._info = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text(errors="replace")

    def port(self) -> int:
        """Of its own broker, once that listens."""

        def named() -> int:
            found = _OWN_BROKER.search(self.log)
            assert self._process.poll() is None, self.log
            return int(found[1]) if found else 0

        return until(named, _READY, every=0.005)

    def cpu(self) -> float:
        """Seconds of CPU time used so far, by it and by what it has started and that still runs."""
        spent = 0.0
        for process in (self._info, *self._info.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system
        return spent

    def megabytes(self) -> float:
        """Resident."""
        return float(self._info.memory_info().rss) / 1e6


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """With a short name, since sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="hig-") as name:
        yield Path(name)


@contextlib.contextmanager
def loudspeaker() -> Iterator[dict[str, str]]:
    """What leads a process to a sound server with one silent loudspeaker; without PipeWire: what switches sound off."""
    with contextlib.ExitStack() as open_things:
        place = open_things.enter_context(folder())
        try:
            server = open_things.enter_context(SoundServer(place / "s"))
            server.plug_in("speaker")
            variables = server.variables
        except pytest.skip.Exception:
            variables = {"HOWSITGOING_SPEECH__OUTPUT": "off"}
        yield variables


def sleep_until(moment: float) -> None:
    """On the monotonic clock."""
    threading.Event().wait(max(0.0, moment - time.monotonic()))
