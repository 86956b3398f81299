"""A broker, somebody who listens, agents that are ended in the end, and no sound but the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from support import demo
from support.agents import RunningAgent
from support.mosquitto import Mosquitto
from support.sound import SoundServer
from support.subscriber import Subscriber

DEVICE = "e2e"


class StartAgent(Protocol):
    """Starts ``howsitgoing run`` with these words; ``log_level`` and device id are set already."""

    def __call__(self, *words: str, **settings: Any) -> RunningAgent:  # noqa: ANN401  see RunningAgent
        """``settings``: keyword arguments of `RunningAgent`."""


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder in which no sound server runs yet; its path is short, since sockets may lie in it."""
    with tempfile.TemporaryDirectory(prefix="hig-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", f"{folder}/s/run")
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"):
            monkeypatch.delenv(name, raising=False)
        yield Path(folder)


@pytest.fixture
def sound(silence: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """PipeWire with one loudspeaker, ``jbl``."""
    with SoundServer(silence / "s") as server:
        for name, value in server.variables.items():
            if name != "HOME":
                monkeypatch.setenv(name, value)
        server.plug_in("jbl", "JBL Flip")
        yield server


@pytest.fixture
def start(silence: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartAgent]:
    """Starts agents, each of them gone after the test."""
    assert silence.is_dir()
    monkeypatch.setenv("HOWSITGOING_DEVICE__ID", DEVICE)
    with ExitStack() as running:

        def begin(*words: str, **settings: Any) -> RunningAgent:  # noqa: ANN401  see RunningAgent
            return running.enter_context(RunningAgent(*words, **settings))

        yield begin


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's first 10 seconds, where all of it would only take time."""
    return demo.beginning(tmp_path_factory.mktemp("film") / "film.avi")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets anybody in."""
    with Mosquitto(tmp_path / "mosquitto") as running:
        yield running


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Subscriber]:
    """Hears everything at ``broker``."""
    with Subscriber(broker.port) as subscribed:
        yield subscribed
