"""A server in a process of its own: started, waited for, and ended with all that it started itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from howsitgoing_cloud.errors import PermanentError

LOOPBACK: Final = "127.0.0.1"
READY_S: Final = 30.0
END_S: Final = 5.0
_LAST_LINES: Final = 5


def free_port() -> int:
    """A port of the loopback that nothing listens at just now."""
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Server:
    """One program that listens at a port of the loopback."""

    def __init__(self, name: str, command: Sequence[str], port: int, log: Path, environment: Mapping[str, str]) -> None:
        """Starts when entered, or by `start`.

        Args:
            name: for people, e.g. ``Firestore emulator``.
            command: the program and its arguments.
            port: where it will listen.
            log: what it writes to stdout and stderr is appended here.
            environment: of the process, complete.
        """
        self.name = name
        self.port = port
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """The address over HTTP."""
        return f"http://{self.host}"

    @property
    def pid(self) -> int | None:
        """Of the process, while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start, and wait until it listens. It ends with the thread that starts it, however that ends.

        Raises:
            PermanentError: it ended, or listens to nobody; the message has its last lines.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  programs that the caller names
                [*_with_its_parent(), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # so that its own children end with it
            )
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection((LOOPBACK, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        last = " / ".join(self.log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
        raise PermanentError(f"the {self.name} does not start; the end of {self.log}: {last}")

    def stop(self) -> None:
        """End it in peace, with its children; what stays is killed."""
        self._signal(signal.SIGTERM)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):  # then it is killed
                self._process.wait(END_S)
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would, with its children."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(END_S)
            self._process = None

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):  # the whole group has ended
                os.killpg(self._process.pid, number)


def _with_its_parent() -> list[str]:
    """A server that outlives a killed parent would hold its port, and an emulator 200 MB."""
    setpriv = shutil.which("setpriv")  # of util-linux, on every Debian; elsewhere it must do without
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
