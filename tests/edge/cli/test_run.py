"""``howsitgoing run`` as a person or a service manager runs it: streams, the live view, signals, exit codes."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest
from support.commands import COMMAND, howsitgoing

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.contract import MoodChange
from howsitgoing_edge.settings import CameraSettings

QUIET = ("--mqtt", "off", "--speech", "off")
DEMO = ("run", "--source", "demo", *QUIET)
SMILE_SECONDS = 7.0
"""The demo clip begins to smile at 3.6 s, and stops at 7.2 s"""
START_SECONDS = 30
END_SECONDS = 2


@pytest.fixture(scope="module")
def smile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short film with one change in it: the beginning of the demo clip."""
    file = tmp_path_factory.mktemp("film") / "smile.avi"
    source = open_source(CameraSettings(source="demo"), Pace.FAST)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
    while (frame := source.read()) is not None and frame.time < SMILE_SECONDS:
        writer.write(frame.image)
    source.close()
    writer.release()
    return file


def test_standard_output_carries_events_and_nothing_else(smile: Path) -> None:
    """Another program reads it line by line."""
    done = howsitgoing("run", "--source", str(smile), *QUIET, "--fast", "--until-end", "--events", "-", "--log-level", "debug")
    assert done.returncode == 0, done.stderr
    changes = [MoodChange.from_json(line) for line in done.stdout.splitlines()]
    assert [(change.previous, change.emotion) for change in changes] == [("neutral", "happy")]
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_events_can_go_to_a_file_and_nothing_of_it_needs_a_home(smile: Path, tmp_path: Path) -> None:
    """Under a bare service manager there is none."""
    file = tmp_path / "events.jsonl"
    words = ("run", "--source", str(smile), *QUIET, "--fast", "--until-end", "--events", str(file))
    done = howsitgoing(*words, environment={"HOME": None, "HOWSITGOING_DEVICE__STATE_FOLDER": str(tmp_path / "state")})
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [MoodChange.from_json(line).emotion for line in file.read_text().splitlines()] == ["happy"]


def test_a_source_that_is_not_there_is_one_line_and_exit_code_1() -> None:
    """Not 2: the film may be there tomorrow, and the service manager may try again."""
    done = howsitgoing("run", "--source", "/nonexistent.mp4", *QUIET)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "howsitgoing: /nonexistent.mp4: no such file"
    assert "Traceback" not in done.stderr


class _Terminal:
    """A process whose standard error is a terminal of 100 columns, and all that it painted."""

    def __init__(self, *words: str) -> None:
        master, slave = pty.openpty()
        self._master = master
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, env=environment
        )
        os.close(slave)
        self.painted = b""

    def until(self, text: str, seconds: float) -> bool:
        """Whether ``text`` is painted within that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if re.search(text, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.painted.decode(errors="replace"))):
                return True
            self._read(0.1)
        return False

    def end(self, how: int) -> float:
        """Send a signal; the seconds it took to end."""
        begun = time.monotonic()
        self.process.send_signal(how)
        while self.process.poll() is None and time.monotonic() - begun < START_SECONDS:
            self._read(0.02)
        return time.monotonic() - begun

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._master)

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            try:
                self.painted += os.read(self._master, 65536)
            except OSError:  # the other end was closed
                time.sleep(seconds)


@contextmanager
def _on_a_terminal(*words: str) -> Iterator[_Terminal]:
    terminal = _Terminal(*words)
    try:
        yield terminal
    finally:
        terminal.close()


def test_on_a_terminal_one_sees_how_the_face_looks_and_ctrl_c_gives_the_terminal_back() -> None:
    """The first minute of everybody who tries it."""
    with _on_a_terminal(*DEMO) as terminal:
        assert terminal.until(r"looks \w+ +\d+%", START_SECONDS), terminal.painted[-2000:]
        assert terminal.end(signal.SIGINT) < END_SECONDS
        assert terminal.process.returncode == 0
        terminal.until("no such text", 0.3)
        assert terminal.painted.rfind(b"\x1b[?25h") > terminal.painted.rfind(b"\x1b[?25l"), "the cursor is shown again"
        assert b"Traceback" not in terminal.painted


def test_the_live_view_leaves_standard_output_to_the_events(smile: Path) -> None:
    """``howsitgoing run --events - | jq`` on a terminal shows both."""
    with _on_a_terminal("run", "--source", str(smile), *QUIET, "--fast", "--until-end", "--events", "-") as terminal:
        assert terminal.process.stdout is not None
        lines = []
        while True:
            terminal._read(0.01)
            ready, _, _ = select.select([terminal.process.stdout], [], [], 0.1)
            if ready:
                line = terminal.process.stdout.readline()
                if not line:
                    break
                lines.append(MoodChange.from_json(line))
        assert lines
        assert "─" in terminal.painted.decode(errors="replace")


def test_sigterm_ends_it_within_two_seconds() -> None:
    """A service manager waits, then kills; and a machine that shuts down waits for it."""
    with _on_a_terminal(*DEMO, "--no-live") as terminal:
        assert terminal.until("demo clip", START_SECONDS)
        assert terminal.end(signal.SIGTERM) < END_SECONDS
        assert terminal.process.returncode == 0
