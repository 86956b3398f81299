"""Sound as numbers: conversion, trimming, loudness and volume, checked against what can be calculated."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.mix import BLOCK, Mix
from howsitgoing_edge.speech.sound import RATE
from howsitgoing_edge.speech.tones import EARCONS, tone


def sine(frequency: float, seconds: float = 1.0, rate: int = RATE, amplitude: float = 0.5) -> sound.Samples:
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def played(mix: Mix, blocks: int) -> sound.Samples:
    return np.frombuffer(b"".join(mix.next_block() for _ in range(blocks)), "<i2").astype(np.float32) / 32767


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_conversion_keeps_pitch_level_and_length(rate: int) -> None:
    """A phrase that is spoken too fast or too high is not understood."""
    converted = sound.converted(sine(1_000, rate=rate), rate)
    assert len(converted) == RATE
    middle = slice(RATE // 10, -RATE // 10)
    assert np.allclose(converted[middle], sine(1_000)[middle], atol=0.005)


def test_conversion_leaves_nothing_above_half_the_rate() -> None:
    """A tone of 30 kHz in a 96 kHz recording must vanish, not come back as one of 18."""
    assert np.abs(sound.converted(sine(30_000, rate=96_000), 96_000)[1000:-1000]).max() < 0.001


def test_channels_are_mixed() -> None:
    """A voice recorded on one side of a stereo file is heard on both."""
    stereo = np.stack([sine(500), np.zeros(RATE, np.float32)], axis=1)
    assert np.allclose(sound.converted(stereo, RATE), sine(500) / 2)


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_next_to_nothing_is_no_error(count: int) -> None:
    """A truncated recording."""
    for rate in (8_000, 44_100, RATE):
        samples = sound.levelled(sound.trimmed(sound.converted(np.zeros(count, np.float32), rate)))
        assert not samples.any()


def test_silence_around_is_trimmed_and_the_ends_do_not_click() -> None:
    """Latency begins where the recording begins."""
    quiet = np.zeros(RATE // 2, np.float32)
    trimmed = sound.trimmed(np.concatenate([quiet, sine(300), quiet]))
    assert len(trimmed) / RATE == pytest.approx(1.045, abs=0.02)
    assert abs(trimmed[0]) < 1e-3
    assert abs(trimmed[-1]) < 1e-3


@pytest.mark.parametrize(("frequency", "decibels"), [(100, -19.1), (400, -4.8), (1_000, 0.0), (2_500, 1.3), (10_000, -2.5)])
def test_loudness_follows_the_ear(frequency: float, decibels: float) -> None:
    """A-weighting as tabled in IEC 61672-1."""
    assert sound.loudness(sine(frequency)) - sound.loudness(sine(1_000)) == pytest.approx(decibels, abs=0.2)


def test_loudness_does_not_count_pauses() -> None:
    """Else a phrase with a pause would be made louder than one without."""
    paused = np.concatenate([sine(1_000), np.zeros(RATE, np.float32), sine(1_000)])
    assert sound.loudness(paused) == pytest.approx(sound.loudness(sine(1_000)), abs=0.1)


def test_levelling_never_clips() -> None:
    """A recording with one knock on the microphone must not be distorted nor stay inaudible."""
    knocked = sine(1_000, amplitude=0.01)
    knocked[RATE // 2] = 1.0
    levelled = sound.levelled(knocked)
    assert np.abs(levelled).max() <= sound.PEAK
    assert sound.loudness(levelled) == pytest.approx(sound.LOUDNESS, abs=1)


def test_volume_is_a_share_of_loudness() -> None:
    """Stevens: half as loud is 10 dB less; 0 is silent, 100 is untouched."""
    assert sound.gain(100) == 1
    assert sound.gain(0) == 0
    assert 20 * np.log10(sound.gain(50)) == pytest.approx(-10, abs=0.1)
    assert [sound.gain(volume) for volume in range(101)] == sorted(sound.gain(volume) for volume in range(101))


def test_there_is_an_earcon_for_every_emotion_and_all_are_alike_in_loudness_and_length() -> None:
    """None may startle, none be missed, none outlast the next change."""
    assert set(EARCONS) == set(EMOTIONS)
    for emotion in EMOTIONS:
        samples = tone(emotion)
        assert 0.2 <= len(samples) / RATE <= 0.4, emotion
        assert sound.loudness(samples) == pytest.approx(sound.LOUDNESS, abs=0.5), emotion
        assert np.abs(np.diff(samples, prepend=0, append=0)).max() < 0.12, f"{emotion} clicks"


def test_earcons_differ_in_direction_or_rhythm() -> None:
    """Happy rises, sad and disgust fall, surprise leaps: told by where the pitch goes."""

    def pitch(samples: sound.Samples) -> float:
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), RATE))
        return float(spectrum.argmax())

    def way(emotion: str) -> float:
        samples = tone(emotion)
        return pitch(samples[-len(samples) // 4 :]) / pitch(samples[: len(samples) // 4])

    assert way("happy") == pytest.approx(1.5, rel=0.03)
    assert way("surprise") == pytest.approx(2, rel=0.03)
    assert way("sad") == pytest.approx(2 ** (-3 / 12), rel=0.03)
    assert way("disgust") < 0.75
    assert way("neutral") == pytest.approx(1, rel=0.01)
    assert way("angry") == pytest.approx(1, rel=0.05)


def test_a_cue_is_played_sample_by_sample() -> None:
    """To within the noise of one least significant bit."""
    mix = Mix(1.0)
    cue = sine(440, 0.1)
    mix.start(cue)
    assert mix.playing
    heard = played(mix, 6)
    assert not mix.playing
    assert np.abs(heard[: len(cue)] - cue).max() < 2 / 32767
    assert np.abs(heard[len(cue) :]).max() < 2 / 32767


def test_a_new_cue_takes_over_without_a_click() -> None:
    """The old one fades within 8 ms, under the beginning of the new one."""
    mix = Mix(1.0)
    mix.start(sine(200, 1.0))
    before = played(mix, 1)
    mix.start(np.zeros(BLOCK, np.float32))
    heard = np.concatenate([before, played(mix, 2)])
    assert np.abs(np.diff(heard)).max() < 0.03
    assert np.abs(heard[BLOCK + RATE // 100 :]).max() < 2 / 32767


def test_a_change_of_volume_in_mid_phrase_does_not_click() -> None:
    """It is blended in over 20 ms."""
    mix = Mix(1.0)
    mix.start(sine(200, 1.0))
    first = played(mix, 5)
    mix.gain = 0.1
    heard = np.concatenate([first, played(mix, 5)])
    assert np.abs(np.diff(heard)).max() < 0.03
    assert np.abs(heard[-BLOCK:]).max() == pytest.approx(0.05, rel=0.05)
