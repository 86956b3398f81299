"""espeak-ng: any text, in its languages, and clear words where it cannot."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from support.parts import need

from howsitgoing_edge.contract import LANGUAGES
from howsitgoing_edge.errors import EdgeError, SpeakerError, VoiceError
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.espeak import Espeak


def script(folder: Path, body: str) -> str:
    """A program that stands where espeak-ng should be."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def espeak() -> Espeak:
    need("espeak-ng")
    return Espeak()


@pytest.mark.parametrize("language", [*LANGUAGES, "pl", "it", "de-AT", "pt-BR", "EN"])
def test_it_speaks_many_languages(espeak: Espeak, language: str) -> None:
    """Sound of a sensible length and loudness comes out."""
    samples = espeak.speak("Hamburg, 1234", language)
    assert 0.5 < len(samples) / sound.RATE < 5
    assert samples.dtype == np.float32
    assert 0.05 < np.abs(samples).max() <= 1


ODD = (
    "-v de --stdout",
    "; touch oops",
    "$(touch oops)",
    "\x00\x01bell\x07",
    "né à Zürich 東京 🙂",
    "<speak><break time='9s'/>",
)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_only_spoken(espeak: Espeak, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts come over the network: none may become an option, a command or markup."""
    monkeypatch.chdir(tmp_path)
    assert 0 < len(espeak.speak(text, "en")) / sound.RATE < 8
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_to_say_is_silence(espeak: Espeak, text: str) -> None:
    """Not an error: a text of smileys may be one of them."""
    assert not len(sound.trimmed(espeak.speak(text, "en")))


@pytest.mark.parametrize(
    "language", ["xx", "../../etc/passwd", "-w/tmp/x", "en+whisper", "", "e", "en;ls", "tlh-klingonempire"]
)
def test_what_is_no_language_is_refused(espeak: Espeak, language: str) -> None:
    """It becomes an argument of a program, so it is checked."""
    with pytest.raises(VoiceError, match="cannot speak"):
        espeak.speak("hello", language)


def test_where_it_is_missing_the_message_says_how_to_get_it() -> None:
    """The shipped phrases need no espeak-ng; free text does."""
    missing = Espeak("espeak-of-another-name")
    assert not missing.installed
    with pytest.raises(VoiceError, match="sudo apt install espeak-ng"):
        missing.speak("hello", "en")


@pytest.mark.parametrize("body", ["echo not sound", "printf RIFF1234WAVEfmt_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxdata"])
def test_an_answer_that_is_no_sound_is_refused(tmp_path: Path, body: str) -> None:
    """Noise at full volume in somebody's ear is worse than silence."""
    with pytest.raises(SpeakerError, match="not mono 16-bit sound"):
        Espeak(script(tmp_path, body)).speak("hello", "en")


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    """And the next text is spoken."""
    begin = time.monotonic()
    with pytest.raises(SpeakerError, match=r"within 0\.3 s"):
        Espeak(script(tmp_path, "exec sleep 60"), timeout=0.3).speak("hello", "en")
    assert time.monotonic() - begin < 3


def test_a_text_can_be_stopped_from_another_thread(tmp_path: Path) -> None:
    """On closing, and when something newer is to be said."""
    espeak = Espeak(script(tmp_path, "touch begun; exec sleep 60".replace("begun", str(tmp_path / "begun"))), timeout=30)
    raised: list[EdgeError] = []

    def speak() -> None:
        try:
            espeak.speak("hello", "en")
        except EdgeError as error:
            raised.append(error)

    thread = threading.Thread(target=speak)
    thread.start()
    deadline = time.monotonic() + 10
    while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    espeak.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert isinstance(raised[0], VoiceError)
