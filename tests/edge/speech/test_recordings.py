"""The shipped recordings: all there, small, short, equally loud, and beginning at once."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from howsitgoing_edge.contract import EMOTIONS, LANGUAGES
from howsitgoing_edge.core.phrases import KEYS, PHRASES, change_key
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.voices import SHIPPED, VoicePack


@pytest.fixture(scope="module", params=LANGUAGES)
def phrases(request: pytest.FixtureRequest) -> dict[str, sound.Samples]:
    """All of one language."""
    pack = VoicePack(request.param, None, Espeak("nothing that speaks"))
    assert not pack.problems
    return {key: pack.phrase(key) for key in KEYS}


def test_they_are_complete_and_small() -> None:
    """A clone, a wheel and an SD card carry them; nothing is left over from older wordings."""
    for language in LANGUAGES:
        assert {path.name for path in (SHIPPED / language).iterdir()} == {f"{key}.opus" for key in KEYS}
    assert {path.name for path in SHIPPED.iterdir() if path.is_dir()} == set(PHRASES)
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*.opus")) < 2_500_000


def test_changes_are_said_within_a_second_and_a_third(phrases: dict[str, sound.Samples]) -> None:
    """The next expression may already be there; an answer, which was asked for, may take a little longer."""
    for key, samples in phrases.items():
        assert 0.4 < len(samples) / sound.RATE < (1.3 if key in EMOTIONS else 1.7), key


def test_they_begin_at_once(phrases: dict[str, sound.Samples]) -> None:
    """Silence before the first sound would be latency that the wearer pays for every time."""
    for key, samples in phrases.items():
        assert np.argmax(np.abs(samples) > 0.02) / sound.RATE < 0.03, key


def test_they_are_equally_loud_and_not_clipped(phrases: dict[str, sound.Samples]) -> None:
    """One volume setting must fit them all."""
    for key, samples in phrases.items():
        assert sound.loudness(samples) == pytest.approx(sound.LOUDNESS, abs=0.6), key
        assert np.abs(samples).max() < 1, key


def test_no_two_changes_sound_alike(phrases: dict[str, sound.Samples]) -> None:
    """Nor could the tests of what the loudspeaker played tell them apart otherwise."""
    changes = [phrases[change_key(emotion)] for emotion in EMOTIONS]
    for number, one in enumerate(changes):
        for other in changes[:number]:
            size = len(one) + len(other)
            products = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
            assert products.max() / np.sqrt(np.sum(one**2) * np.sum(other**2)) < 0.75


def test_they_are_mono_at_24_khz() -> None:
    """What README and script say."""
    info = soundfile.info(SHIPPED / "de" / "happy.opus")
    assert (info.samplerate, info.channels, info.subtype) == (24_000, 1, "OPUS")
