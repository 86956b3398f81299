"""A person at a terminal: a command that believes so, what it shows, and what is typed or pasted."""

from __future__ import annotations

import os
import pty
import subprocess
from threading import Thread
from typing import Self

from support.commands import COMMAND
from support.waiting import until


class Terminal:
    """Runs ``howsitgoing`` with ``words`` at a terminal of its own."""

    def __init__(self, *words: str) -> None:
        """Starts it."""
        self._keys, theirs = pty.openpty()
        self._shown = b""
        environment = {**os.environ, "COLUMNS": "120", "TERM": "dumb"}
        self._process = subprocess.Popen(
            [*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)
        os.close(self._keys)

    @property
    def shown(self) -> str:
        """All that stands on it."""
        return self._shown.decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Until ``text`` stands on it."""
        until(lambda: text in self.shown, seconds)

    def type(self, text: str) -> None:
        """As typed or pasted."""
        os.write(self._keys, text.encode())

    def end(self, seconds: float = 60) -> int:
        """Its exit code, once it has ended by itself."""
        code = self._process.wait(seconds)
        self._reader.join(10)
        return code

    def _read(self) -> None:
        try:
            while content := os.read(self._keys, 4096):
                self._shown += content
        except OSError:  # how Linux says that nobody is there any more
            return
