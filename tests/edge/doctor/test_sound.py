"""The loudspeaker is opened for real, and heard when asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sound import SoundServer

from howsitgoing_edge.doctor.findings import State
from howsitgoing_edge.doctor.sound import sound
from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech.tones import tone


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    with tempfile.TemporaryDirectory(prefix="hig") as folder, SoundServer(Path(folder) / "s") as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


def test_a_loudspeaker_that_takes_sound_works_and_is_named(server: SoundServer) -> None:
    """By the name that people know it by."""
    server.plug_in("jbl", "Jukebox")
    found = sound(SpeechSettings(), play=False)
    assert (found.state, found.what) == (State.WORKS, "Jukebox (by pacat)")


def test_three_notes_are_heard_when_asked_for(server: SoundServer) -> None:
    """The only proof that counts."""
    server.plug_in("jbl", "Jukebox")
    with server.listening("jbl") as ear:
        sound(SpeechSettings(volume=100), play=True)
        ear.wait_for(tone("happy"))


def test_no_loudspeaker_is_told_with_what_to_do(server: SoundServer) -> None:
    """A sound server without any makes one up that nobody hears."""
    assert server.sinks() == ["auto_null"]
    with pytest.raises(SpeakerError, match=r"no loudspeaker is connected; plug one in"):
        sound(SpeechSettings(), play=False)


def test_the_wanted_loudspeaker_must_be_there(server: SoundServer) -> None:
    """Another one would speak into the wrong room."""
    server.plug_in("tv", "Television")
    with pytest.raises(SpeakerError, match="no loudspeaker has 'jbl' in its name; there are: Television"):
        sound(SpeechSettings(output="jbl"), play=False)


@pytest.mark.parametrize("settings", [SpeechSettings(mode="off"), SpeechSettings(output="off")], ids=["mode-off", "output-off"])
def test_speech_that_is_off_is_not_looked_for(settings: SpeechSettings) -> None:
    """Who wants none needs no loudspeaker."""
    assert sound(settings, play=True).state is State.UNUSED
