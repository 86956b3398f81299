"""A sound server with one loudspeaker, and speakers that are closed afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sound import SoundServer
from support.speaking import Speakers, Spoken

from howsitgoing_edge.contract import Settings
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech import players
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.speech.voices import VoicePack


@pytest.fixture
def silent_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of our own, with a short path since sockets lie in it; no sound server runs in it yet."""
    with tempfile.TemporaryDirectory(prefix="hig-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", f"{folder}/s/run")
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"):
            monkeypatch.delenv(name, raising=False)
        yield Path(folder)


@pytest.fixture
def server(silent_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """PipeWire with one loudspeaker, ``jbl``; what the test starts finds this server and no other.

    Players keep more in hand than in earnest, so that a crowded build machine makes no gaps in what is compared.
    """
    monkeypatch.setattr(players, "BUFFER_MS", 500)
    with SoundServer(silent_machine / "s") as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        server.plug_in("jbl", "JBL Flip")
        yield server


@pytest.fixture
def spoken() -> Spoken:
    """What the speakers of the test have begun to say, and when."""
    return []


@pytest.fixture
def speakers(spoken: Spoken) -> Iterator[Speakers]:
    """Makes speakers, and closes them."""
    made: list[Speaker] = []

    def make(settings: Settings | None = None, **speech: object) -> Speaker:
        configured = SpeechSettings.model_validate({"stale_after": 30, **speech})  # a crowded build machine is slow to speak
        made.append(Speaker(configured, settings or Settings(), on_spoken=lambda cue, handed: spoken.append((cue, handed))))
        return made[-1]

    yield make
    for speaker in made:
        speaker.close()


@pytest.fixture(scope="session")
def english() -> VoicePack:
    """The shipped English phrases."""
    return VoicePack("en", None, Espeak())
