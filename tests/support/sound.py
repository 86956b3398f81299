"""A sound server of a test's own: PipeWire with loudspeakers that come and go, and ears that record what they play.

    with SoundServer(tmp_path) as server:
        server.plug_in("jbl", "JBL Flip")
        with server.listening("jbl") as ear:
            ...
        score, at = ear.find(phrase)

Nothing of it touches the machine's own sound: runtime folder, home and D-Bus session are private.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pytest
from support.parts import need

RATE = 48_000
READY_SECONDS = 20.0
PARTS = ("dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse", "pactl", "parec", "pacat")

Samples = npt.NDArray[np.float32]
_THIN = 6
"""Matching is done at 8 kHz"""
_PIECE, _BIN, _LATE = 1200, 80, 10
"""Samples of a piece and of a hundredth of a second; how many of these a piece may come late"""


def until(condition: Callable[[], object], what: str, seconds: float = READY_SECONDS) -> None:
    """Wait for ``condition``; the test fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)


class Ear:
    """What one loudspeaker has played, (n,) at `RATE`."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    @property
    def samples(self) -> Samples:
        """All that was heard so far."""
        data = b"".join(self._chunks)
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768

    @property
    def seconds(self) -> float:
        """How long it has been listening, in sound."""
        return sum(map(len, self._chunks)) / 2 / RATE

    def find(self, phrase: Samples, after: float = 0.0) -> tuple[float, float]:
        """How well ``phrase`` was heard, 0 to 1, and where it begins, in seconds from the start of the recording.

        The normalised cross-correlation, taken over pieces of 0.15 s and weighted by their energy: now and then a busy machine
        plays a gap of a fiftieth of a second, after which all the rest comes late.
        """
        heard, wanted = _thinned(self.samples[round(after * RATE) :]), _thinned(phrase)
        pieces = np.array_split(wanted, max(1, round(len(wanted) / _PIECE)))
        bins = (len(heard) - len(wanted)) // _BIN - _LATE
        if bins < 1:
            return 0.0, 0.0
        score, offset, curves = np.zeros(bins), 0, []
        for piece in pieces:
            curves.append(_likeness(heard, piece)[offset:])
            coarse = curves[-1][: len(curves[-1]) // _BIN * _BIN].reshape(-1, _BIN).max(axis=1)
            late = np.max([coarse[shift : shift + bins] for shift in range(min(_LATE, len(coarse) - bins) + 1)], axis=0)
            score += late * np.sum(piece**2) / np.sum(wanted**2)
            offset += len(piece)
        best = int(score.argmax())
        begin = best * _BIN + int(curves[0][best * _BIN : (best + 1) * _BIN].argmax())
        return float(score[best]), after + begin * _THIN / RATE

    def wait_for(self, phrase: Samples, seconds: float = READY_SECONDS, *, after: float = 0.0, score: float = 0.8) -> float:
        """Until ``phrase`` has been heard to its end; where it begins, in seconds."""
        deadline = time.monotonic() + seconds
        while (found := self.find(phrase, after))[0] < score:
            if time.monotonic() > deadline:
                pytest.fail(f"not heard within {seconds:g} s; the best match is {found[0]:.2f} at {found[1]:.2f} s")
            time.sleep(0.3)  # matching takes a while, on the same cores that play
        return found[1]

    def loudness(self, begin: float, end: float) -> float:
        """Root mean square of what was heard between two times, in seconds."""
        part = self.samples[round(begin * RATE) : round(end * RATE)]
        return float(np.sqrt(np.mean(part.astype(np.float64) ** 2)))

    def listen(self, pipe: int) -> None:
        """Record until the pipe ends."""
        while chunk := os.read(pipe, 4096):
            self._chunks.append(chunk)


def _thinned(samples: Samples) -> npt.NDArray[np.float64]:
    whole = samples[: len(samples) // _THIN * _THIN].astype(np.float64)
    return whole.reshape(-1, _THIN).mean(axis=1)


def _likeness(heard: npt.NDArray[np.float64], piece: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Normalised cross-correlation at every place where ``piece`` fits."""
    size = 1 << (len(heard) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(heard) - len(piece) + 1]
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    windows = np.maximum(energy[len(piece) :] - energy[: -len(piece)], 1e-6)
    return np.asarray(products / np.sqrt(windows * np.sum(piece**2)))


class SoundServer:
    """PipeWire, WirePlumber, and PipeWire's PulseAudio."""

    def __init__(self, folder: Path) -> None:
        """``folder``: private to this server; its path must be short, since sockets lie in it."""
        self._programs = {name: need(name) for name in PARTS}
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._plugged: dict[str, str] = {}
        for name in ("run", "home"):
            (folder / name).mkdir(mode=0o700, parents=True)
        self._bus = folder / "run" / "bus"
        self.variables = {
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "HOME": str(folder / "home"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._bus}",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._bus}",  # no Bluetooth of the machine's either
        }
        """What programs need to find this server and no other"""

    def __enter__(self) -> Self:
        with contextlib.suppress(pytest.fail.Exception):
            return self._entered()  # once in some thousand starts no sink appears
        return self._entered()

    def _entered(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, without any loudspeaker, and wait until the server answers."""
        self._start("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={self._bus}")
        until(self._bus.exists, "D-Bus starts")
        self._start("pipewire")
        until((self._folder / "run" / "pipewire-0").exists, "PipeWire listens")  # the other two don't wait for it
        for name in ("wireplumber", "pipewire-pulse"):
            self._start(name)
        until(lambda: self._pactl("info", check=False).returncode == 0 and "auto_null" in self.sinks(), "PipeWire starts")
        ended = [process.args for process in self._processes if process.poll() is not None]
        if ended:
            pytest.fail(f"ended at once: {ended}; logs are in {self._folder}")

    def stop(self) -> None:
        """End it as a crash would."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(READY_SECONDS)
        self._processes.clear()
        self._plugged.clear()
        for socket in ("bus", "pipewire-0", "pulse/native"):
            (self._folder / "run" / socket).unlink(missing_ok=True)

    def hang(self) -> None:
        """It takes nothing any more, but does not end; `go_on` wakes it."""
        for process in self._processes:
            process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `hang`."""
        for process in self._processes:
            process.send_signal(signal.SIGCONT)

    def plug_in(self, name: str, description: str = "Loudspeaker") -> None:
        """A new loudspeaker, which becomes the default one if it is the first."""
        properties = f"sink_properties=\"device.description='{description}'\""
        module = self._pactl("load-module", "module-null-sink", f"sink_name={name}", properties).stdout.decode().strip()
        self._plugged[name] = module
        until(lambda: name in self.sinks(), f"the loudspeaker {name} appears")

    def unplug(self, name: str) -> None:
        """Out of reach."""
        self._pactl("unload-module", self._plugged.pop(name))
        until(lambda: name not in self.sinks(), f"the loudspeaker {name} disappears")

    def sinks(self) -> list[str]:
        """Names of the loudspeakers."""
        return [sink["name"] for sink in json.loads(self._pactl("--format=json", "list", "sinks").stdout)]

    def voices(self) -> int:
        """How many streams play on it."""
        return len(json.loads(self._pactl("--format=json", "list", "sink-inputs").stdout))

    @contextlib.contextmanager
    def listening(self, name: str) -> Iterator[Ear]:
        """Record what the loudspeaker ``name`` plays."""
        options = [f"--device={name}.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=20"]
        process = subprocess.Popen(
            [self._programs["parec"], *options], env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        ear = Ear()
        thread = threading.Thread(target=ear.listen, args=(process.stdout.fileno(),))
        thread.start()
        try:
            until(lambda: ear.seconds > 0.05, "recording starts")
            yield ear
        finally:
            process.kill()
            process.wait(READY_SECONDS)
            thread.join(READY_SECONDS)
            process.stdout.close()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.variables, "LC_ALL": "C"}

    def _start(self, name: str, *arguments: str) -> None:
        command = [self._programs[name], *arguments]
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._processes.append(process)

    def _pactl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [self._programs["pactl"], *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, timeout=READY_SECONDS, check=check)
