"""One running player and the pipe to it, which is shallow while it is quiet: what is written is heard next."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from typing import Final

from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.speech.players import environment

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_DEEP: Final = 8
"""Pages of the pipe while something sounds, a third of a second. Otherwise one, which is full as long as it is not empty."""
_NAP: Final = 0.005
_ON_DEVICE: Final = re.compile(r"(?:Connected|moved) to device (\S+)")
_COMPLAINT: Final = re.compile(r"fail|error|refused|denied|no such|not found|killed|terminated|busy", re.IGNORECASE)


class Stream:
    """Not for several threads."""

    def __init__(self, command: list[str]) -> None:
        """Starts ``command``.

        Raises:
            SpeakerError: it cannot be started.
        """
        self.device: str | None = None
        """Where the sound goes, as far as the player tells"""
        self._name = command[0]
        self._heard = ""
        self._complaint = ""
        try:
            self._process = subprocess.Popen(  # noqa: S603  a fixed program; the device's name is one argument
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(),
                start_new_session=True,  # Ctrl-C is for us to answer
                bufsize=0,
            )
        except OSError as error:
            raise SpeakerError(f"{self._name} cannot be started ({error.strerror})") from error
        if self._process.stdin is None or self._process.stderr is None:
            raise AssertionError("both were asked for")
        self._in, self._err = self._process.stdin, self._process.stderr
        os.set_blocking(self._in.fileno(), False)
        os.set_blocking(self._err.fileno(), False)
        self._deep = True
        self._set_depth(deep=False)
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLOUT)

    def room(self, timeout: float, *, ahead: bool = False) -> bool:
        """Whether the player wants a block; waits for it up to ``timeout`` seconds.

        Args:
            timeout: seconds.
            ahead: as many blocks as the deep pipe holds, for what sounds; else one, as soon as the last is fetched.

        Raises:
            SpeakerError: the player has ended, and why.
        """
        self._listen()
        fits = ahead == self._deep or self._set_depth(deep=ahead)
        events = self._poll.poll(timeout * 1000 if fits else 0)
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in events):
            self._fail()
        if not fits:
            time.sleep(min(timeout, _NAP))
        return fits and bool(events)

    def write(self, block: bytes) -> None:
        """Hand over one block, of at most 4096 bytes, for which there is `room`.

        Raises:
            SpeakerError: the player has ended, and why.
        """
        try:
            os.write(self._in.fileno(), block)
        except OSError:
            self._fail()

    def close(self) -> None:
        """End the player; what it has in hand is not heard any more."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(0.3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._in.close()
        self._err.close()

    def _set_depth(self, *, deep: bool) -> bool:
        """False: not yet, since the player has first to fetch what was written ahead."""
        (unread,) = struct.unpack("i", fcntl.ioctl(self._in, termios.FIONREAD, bytes(4)))
        if unread and not deep:
            return False
        with contextlib.suppress(OSError):  # this user's pipes may hold no more: then nothing is written ahead
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, _PAGE * (_DEEP if deep else 1))
        self._deep = deep
        return True

    def _listen(self) -> None:
        try:
            self._heard += (os.read(self._err.fileno(), 4096) or b"").decode(errors="replace")
        except BlockingIOError:
            return
        *lines, self._heard = re.split(r"[\r\n]+", self._heard)
        for line in lines:
            if found := _ON_DEVICE.search(line):
                self.device = found[1]
            elif _COMPLAINT.search(line):
                self._complaint = re.sub(rf"^{self._name}: |main:\d+: ", "", line.strip())

    def _fail(self) -> None:
        try:
            self._process.wait(0.3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._heard += "\n"
        self._listen()
        reason = self._complaint or f"ended with code {self._process.poll()}"
        raise SpeakerError(f"no sound can be put out ({self._name}: {reason})")
