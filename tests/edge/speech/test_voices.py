"""Voice packs: a wearer's own recordings and words, and what happens with those that are broken or missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.parts import need

from howsitgoing_edge.core.phrases import KEYS
from howsitgoing_edge.errors import VoiceError
from howsitgoing_edge.speech import sound, voices
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.voices import VoicePack

MUTE = Espeak("nothing that speaks")
SHIPPED = {key: VoicePack("en", None, MUTE).phrase(key) for key in ("happy", "sad", "now-happy")}


def melody(rate: int, seconds: float = 0.5) -> sound.Samples:
    """Something that a wearer might have recorded."""
    time = np.arange(round(rate * seconds)) / rate
    return (0.3 * np.sin(2 * np.pi * (400 + 300 * time) * time) * np.hanning(len(time))).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [
        ("happy.wav", 8_000, 1, "PCM_16"),
        ("happy.wav", 44_100, 2, "PCM_24"),
        ("happy.WAV", 96_000, 2, "FLOAT"),
        ("happy.wav", 11_025, 1, "PCM_U8"),
        ("happy.flac", 22_050, 1, "PCM_16"),
        ("happy.ogg", 32_000, 1, "VORBIS"),
    ],
)
def test_own_recordings_of_any_rate_and_channels_are_spoken(
    tmp_path: Path, name: str, rate: int, channels: int, subtype: str
) -> None:
    """They come from phones, tablets and old recorders."""
    kind = "WAV" if name.lower().endswith("wav") else None
    soundfile.write(tmp_path / name, np.stack([melody(rate)] * channels, axis=1), rate, subtype=subtype, format=kind)
    pack = VoicePack("en", tmp_path, MUTE)
    spoken = pack.phrase("happy")
    assert pack.problems == ()
    wanted = sound.levelled(sound.trimmed(melody(sound.RATE)))
    size = len(spoken) + len(wanted)
    products = np.fft.irfft(np.fft.rfft(spoken, size) * np.conj(np.fft.rfft(wanted, size)), size)
    assert products.max() / np.sqrt(np.sum(spoken**2) * np.sum(wanted**2)) > 0.98
    assert sound.loudness(spoken) == pytest.approx(sound.LOUDNESS, abs=0.6)


def test_what_is_missing_from_the_folder_is_shipped(tmp_path: Path) -> None:
    """One own recording is enough to begin with."""
    soundfile.write(tmp_path / "happy.wav", melody(16_000), 16_000)
    pack = VoicePack("en", tmp_path, MUTE)
    assert not np.array_equal(pack.phrase("happy"), SHIPPED["happy"])
    assert np.array_equal(pack.phrase("sad"), SHIPPED["sad"])
    assert pack.phrase("now-happy") is pack.phrase("happy"), "the answer in the same voice"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("happy.wav", b"", "cannot be read as sound"),
        ("happy.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "cannot be read as sound"),
        ("happy.wav", b"\xff\xd8\xff\xe0 a picture", "cannot be read as sound"),
        ("hapy.wav", b"anything", "did you mean 'happy'?"),
        ("x.wav", b"anything", "there are angry, disgust, fear, happy"),
        ("phrases.toml", b"happy = ", "cannot be read"),
        ("phrases.toml", b"happy = 3", "happy must be words in quotes"),
        ("phrases.toml", b"happpy = 'x'", "did you mean 'happy'?"),
        ("phrases.toml", b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_broken_is_named_and_the_shipped_voice_used(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    """The wearer, or who set it up, must learn which file it is; speech goes on."""
    (tmp_path / name).write_bytes(content)
    pack = VoicePack("en", tmp_path, MUTE)
    [problem] = pack.problems
    assert str(tmp_path / name) in problem
    assert complaint in problem
    assert "\n" not in problem
    assert np.array_equal(pack.phrase("happy"), SHIPPED["happy"])


def test_recordings_that_are_silent_or_too_long_are_refused(tmp_path: Path) -> None:
    """An empty take would be taken for a calm face; a minute of talk would drown the next change."""
    soundfile.write(tmp_path / "happy.wav", np.zeros(16_000), 16_000)
    soundfile.write(tmp_path / "sad.wav", melody(16_000, 6.0), 16_000)
    pack = VoicePack("en", tmp_path, MUTE)
    assert [problem.partition(": ")[2].partition(";")[0] for problem in pack.problems] == [
        "nothing is to be heard in it",
        "6 s long",
    ]
    assert np.array_equal(pack.phrase("happy"), SHIPPED["happy"])


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    """Notes, pictures, hidden files of a Mac."""
    for name in ("notes.txt", "cover.jpg", ".DS_Store"):
        (tmp_path / name).write_bytes(b"x")
    assert VoicePack("en", tmp_path, MUTE).problems == ()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A USB stick may not be plugged in."""
    pack = VoicePack("en", tmp_path / "gone", MUTE)
    assert pack.problems == (f"speech.voice_folder {tmp_path / 'gone'}: No such file or directory; the shipped voice is used",)
    assert np.array_equal(pack.phrase("happy"), SHIPPED["happy"])


def test_own_words_are_spoken_in_a_language_that_is_not_shipped(tmp_path: Path) -> None:
    """The way to all of espeak-ng's languages."""
    need("espeak-ng")
    (tmp_path / "phrases.toml").write_text('happy = "wygląda wesoło"\nnow-none = "nikogo nie widać"\n', "utf-8")
    pack = VoicePack("pl", tmp_path, Espeak())
    wanted = sound.levelled(sound.trimmed(Espeak().speak("wygląda wesoło", "pl")))
    assert np.allclose(pack.phrase("happy"), wanted)
    assert pack.phrase("now-happy") is not None
    assert np.array_equal(pack.phrase("sad"), SHIPPED["sad"])
    assert "in the language 'pl'" in pack.problems[0]


def test_own_words_without_espeak_fall_back_and_say_why(tmp_path: Path) -> None:
    """One sentence for each, and never silence."""
    (tmp_path / "phrases.toml").write_text('happy = "looks cheerful"', "utf-8")
    pack = VoicePack("en", tmp_path, MUTE)
    assert np.array_equal(pack.phrase("happy"), SHIPPED["happy"])
    assert "espeak-ng is not installed" in pack.problems[0]


def test_an_unshipped_language_is_said_and_english_spoken() -> None:
    """Better a foreign word than none, but people must know how to change it."""
    pack = VoicePack("pl", None, MUTE)
    assert np.array_equal(pack.phrase("happy"), SHIPPED["happy"])
    assert "phrases.toml" in pack.problems[0]
    assert VoicePack("de-AT", None, MUTE).problems == ()


def test_every_key_has_a_sound() -> None:
    """None may raise when it is needed."""
    pack = VoicePack("nl", None, MUTE)
    assert all(len(pack.phrase(key)) for key in KEYS)


def test_a_broken_installation_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not a traceback in a thread."""
    monkeypatch.setattr(voices, "SHIPPED", tmp_path)
    with pytest.raises(VoiceError, match=r"happy|angry"):
        VoicePack("en", None, MUTE)
