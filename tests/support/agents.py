"""``howsitgoing run`` as a process of its own, as a service manager would run it.

with RunningAgent("--source", "demo") as agent:
    with Subscriber(agent.own_port()) as listener: ...
    assert agent.end() == 0
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any, Final, Self

import psutil
from support.commands import COMMAND
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

START_SECONDS: Final = 30.0
_OWN_BROKER: Final = re.compile(r"own broker at [\d.]+:(\d+)")


class RunningAgent:
    """Starts when made. Use as a context manager: whatever happens, it is gone afterwards."""

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str | None] | None = None,
        stdout: int | IO[Any] = subprocess.DEVNULL,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Run it.

        Args:
            words: what follows ``howsitgoing run``.
            environment: changes to the caller's; None takes a variable out.
            stdout: where its standard output goes.
            command: the program ``howsitgoing``; that of the environment that runs the tests, unless it has none.
        """
        changed = {**os.environ, **(environment or {})}
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115  closed with the process
        self.begun = time.monotonic()
        """When it was started"""
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [*command, "run", *words],
            env={name: value for name, value in changed.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=self._log,
        )
        self._info = psutil.Process(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._log.close()

    @property
    def log(self) -> str:
        """All that it said so far."""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait_for_log(self, text: str, seconds: float = START_SECONDS) -> str:
        """The log, once it holds ``text``."""

        def said() -> str:
            log = self.log
            assert text in log or self.process.poll() is None, f"it has ended without {text!r}:\n{log}"
            return log if text in log else ""

        return until(said, seconds, every=0.005)

    def own_port(self) -> int:
        """Of its own broker, once that listens."""
        found = _OWN_BROKER.search(self.wait_for_log("own broker at "))
        assert found is not None
        return int(found[1])

    def end(self, how: int = signal.SIGTERM, seconds: float = 10) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(how)
        return self.wait(seconds)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Until it ends by itself; the exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"still running after {seconds:g} s:\n{self.log}") from error

    def cpu(self) -> float:
        """Seconds of CPU time used so far, by it and by what it has started and that still runs."""
        spent = 0.0
        for process in (self._info, *self._info.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system
        return spent

    def megabytes(self) -> float:
        """Resident memory."""
        return float(self._info.memory_info().rss) / 1e6
