"""Without PulseAudio and PipeWire's stand-in for it, sound goes out by ALSA."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.parts import need
from support.sound import SoundServer, until
from support.speaking import Speakers, news, wake

from howsitgoing_edge.speech import players
from howsitgoing_edge.speech.voices import VoicePack

CONFIGURATION = """
</usr/share/alsa/alsa.conf>
pcm.!default { type plug slave.pcm "loud" }
pcm.loud { type pipewire playback_node "-1" capture_node "-1" hint { show on description "The loud one" } }
"""


@pytest.fixture
def alsa_alone(server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """Only aplay is installed. The null sink stands in for a sound card, behind ALSA's own interface."""
    aplay = need("aplay")
    if not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pipewire.so")):
        pytest.skip("ALSA's plug-in for PipeWire is not installed: sudo apt install pipewire-alsa")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "aplay").symlink_to(aplay)
    (tmp_path / "asound.conf").write_text(CONFIGURATION)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setenv("PATH", str(programs))
    return server


@pytest.mark.parametrize("output", ["auto", "the loud"])
def test_phrases_are_heard_by_alsa(alsa_alone: SoundServer, speakers: Speakers, english: VoicePack, output: str) -> None:
    """Raspberry Pi OS Lite has nothing else."""
    assert players.choose().program == "aplay"
    speaker = speakers(min_gap=0, output=output)
    wake(speaker)
    with alsa_alone.listening("jbl") as ear:
        for emotion in ("happy", "sad"):
            speaker.change(news(emotion))
            ear.wait_for(english.phrase(emotion))


def test_an_alsa_device_that_is_gone_is_a_problem_until_it_is_back(alsa_alone: SoundServer, speakers: Speakers) -> None:
    """A USB sound card that was pulled out."""
    speaker = speakers()
    wake(speaker)
    alsa_alone.stop()
    until(lambda: speaker.state == "lost", "the loss is noticed", 10)
    until(lambda: speaker.problems, "it is said")
    assert "main:" not in speaker.problems[0], "a place in aplay's source helps nobody"
    alsa_alone.start()
    alsa_alone.plug_in("jbl")
    until(lambda: speaker.state == "ok", "it is back", 15)
