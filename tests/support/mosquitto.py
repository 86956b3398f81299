"""A real mosquitto on the loopback that a test can stop, kill and start again.

    with Mosquitto(tmp_path) as broker:
        ...broker.port...

Anybody may connect unless ``config`` says otherwise. What was retained is kept over `stop` and `start`, not over `kill`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from support.parts import need

READY_SECONDS = 10.0


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Mosquitto:
    """One broker with a listener at 127.0.0.1, or two."""

    def __init__(self, folder: Path, config: str = "allow_anonymous true", secured: str | None = None) -> None:
        """Starts when entered, or by `start`.

        Args:
            folder: empty or new; its files (configuration, log, what is retained) go there.
            config: lines of mosquitto.conf for this listener: certificates, password file, access rules, ...
            secured: the same for a second listener, at `secure_port`, with rules of its own.
        """
        self._program = need("mosquitto")
        self._folder = folder
        self._config = config
        self._secured = secured
        self._process: subprocess.Popen[bytes] | None = None
        self.host = "127.0.0.1"
        self.port = 0
        self.secure_port = 0
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def device_port(self) -> int:
        """Where a device connects: the secured listener, if there is one."""
        return self.secure_port or self.port

    @property
    def log(self) -> str:
        """All that mosquitto said, over all its starts."""
        path = self._folder / "mosquitto.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start, at the same port as before, and wait until it listens."""
        for _ in range(5):
            self.port = self.port or free_port()
            if self._secured is not None:
                self.secure_port = self.secure_port or free_port()
            if self._try_start():
                return
            if "Address already in use" not in self.log:
                break
            self.port = self.secure_port = 0
        pytest.fail(f"mosquitto does not start:\n{self.log}")

    def stop(self) -> None:
        """End it in peace: it writes down what is retained, and tells MQTT 5 clients."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(subprocess.Popen.kill)

    def wait_for_log(self, text: str, seconds: float = READY_SECONDS) -> None:
        """Until mosquitto has said ``text``."""
        deadline = time.monotonic() + seconds
        while text not in self.log:
            if time.monotonic() > deadline:
                pytest.fail(f"mosquitto never said {text!r}:\n{self.log}")
            time.sleep(0.02)

    def _try_start(self) -> bool:
        own = self._folder / "mosquitto.conf"
        user = "user root\n" if os.geteuid() == 0 else ""  # as root it would drop to a user who cannot read our files
        lasting = f"persistence true\npersistence_location {self._folder}/\n"
        lines = f"{user}{lasting}log_type all\nlistener {self.port} {self.host}\n{self._config}\n"
        if self._secured is not None:
            lines = f"per_listener_settings true\n{lines}listener {self.secure_port} {self.host}\n{self._secured}\n"
        own.write_text(lines)
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", own], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                for port in filter(None, (self.port, self.secure_port)):
                    socket.create_connection((self.host, port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        self.kill()
        return False

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is not None:
            how(self._process)
            self._process.wait(READY_SECONDS)
            self._process = None


def password_file(path: Path, **passwords: str) -> Path:
    """A mosquitto password file for these users."""
    path.touch(mode=0o600)
    for user, password in passwords.items():
        subprocess.run([need("mosquitto_passwd"), "-b", path, user, password], check=True, capture_output=True)
    return path
