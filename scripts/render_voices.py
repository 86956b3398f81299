"""Renders the shipped recordings anew: every phrase of core/phrases.py, by espeak-ng, into speech/recordings of the edge.

    python scripts/render_voices.py [LANGUAGE ...]

espeak-ng's voices are thin and harsh beside people's. Half of the difference between their average spectrum and that of speech
is taken out, per language, never more than 4 dB: enough to sound milder, without the clarity in street noise that a bright
voice has.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from howsitgoing_edge.core.phrases import PHRASES
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.espeak import Espeak

FOLDER = Path(__file__).parents[1] / "edge" / "howsitgoing_edge" / "speech" / "recordings"
RATE = 24_000  # espeak-ng gives 22 050; Opus knows 24 000; the fricatives that tell "sad" from "glad" reach up to there
COMPRESSION = 0.8  # libsndfile's scale; about 64 kbit/s, where Opus is transparent for speech

# Byrne et al., "An international comparison of long-term average speech spectra", J. Acoust. Soc. Am. 96, 1994, table II:
# third-octave bands (Hz) and levels (dB) of speech of both sexes in twelve languages
SPEECH = np.array(
    [
        (125, 57.7), (160, 56.8), (200, 60.2), (250, 60.3), (315, 59.0), (400, 62.1), (500, 62.1), (630, 60.5), (800, 56.8),
        (1000, 53.7), (1250, 53.0), (1600, 52.0), (2000, 48.7), (2500, 48.1), (3150, 46.8), (4000, 45.6), (5000, 44.5),
        (6300, 44.3), (8000, 43.7),
    ]
)  # fmt: skip
BANDS, LEVELS = SPEECH.T
SHARE = 0.5
LIMIT = 4.0  # dB
RUMBLE = 90.0  # Hz; no small loudspeaker gives what lies below, it only costs headroom


def band_levels(samples: sound.Samples) -> npt.NDArray[np.float64]:
    """Energy of each band of BANDS, in dB, with a mean of 0."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / sound.RATE)
    edge = 2 ** (1 / 6)
    energies = [power[(frequencies > band / edge) & (frequencies <= band * edge)].sum() for band in BANDS]
    levels = 10 * np.log10(energies)
    return np.asarray(levels - levels.mean())


def equalised(samples: sound.Samples, correction: npt.NDArray[np.float64]) -> sound.Samples:
    """``samples`` with ``correction`` dB at BANDS, smoothly in between, and without rumble."""
    frequencies = np.maximum(np.fft.rfftfreq(len(samples), 1 / sound.RATE), 1.0)
    decibels = np.interp(np.log(frequencies), np.log(BANDS), correction)
    high_pass = 1 / np.sqrt(1 + (RUMBLE / frequencies) ** 8)
    return np.fft.irfft(np.fft.rfft(samples) * 10 ** (decibels / 20) * high_pass, len(samples)).astype(np.float32)


def downsampled(samples: sound.Samples) -> npt.NDArray[np.float32]:
    """``samples`` at RATE."""
    count = len(samples) // 2 * 2
    half = np.fft.irfft(np.fft.rfft(samples[:count])[: count // 4 + 1], count // 2) / 2
    return half.astype(np.float32)


def render(language: str) -> tuple[int, float]:
    """Write all recordings of ``language``; (bytes, seconds)."""
    espeak = Espeak()
    raw = {key: espeak.speak(words, language) for key, words in PHRASES[language].items()}
    difference = LEVELS - LEVELS.mean() - band_levels(np.concatenate(list(raw.values())))
    correction = np.clip(SHARE * difference, -LIMIT, LIMIT)
    folder = FOLDER / language
    folder.mkdir(parents=True, exist_ok=True)
    size, seconds = 0, 0.0
    for key, samples in raw.items():
        margin = np.zeros(sound.RATE // 20, np.float32)
        finished = sound.levelled(sound.trimmed(equalised(np.concatenate([margin, samples, margin]), correction)))
        path = folder / f"{key}.opus"
        soundfile.write(path, downsampled(finished), RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
        size += path.stat().st_size
        seconds += len(finished) / sound.RATE
    return size, seconds


def main() -> None:
    """Render the languages named, or all."""
    for language in sys.argv[1:] or PHRASES:
        size, seconds = render(language)
        print(f"{language}: {len(PHRASES[language])} phrases, {seconds:.1f} s, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
