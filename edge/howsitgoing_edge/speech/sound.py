"""Sound as numbers: one rate, one channel, one loudness. Pure; numpy alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""(n,) at `RATE`, -1 to 1."""

RATE: Final = 48_000
"""Samples a second of everything inside: what nearly every sound device runs at, so that nobody resamples badly behind us."""
LOUDNESS: Final = -18.0
"""dB re full scale: A-weighted level that everything is brought to, so that no cue is louder than another."""
PEAK: Final = 0.89
"""-1 dB: room for a Bluetooth codec's overshoot."""
_GATE: Final = -45.0
"""dB below the loudest stretch: quieter stretches are silence."""
_STRETCH: Final = RATE // 100


def converted(samples: npt.NDArray[np.floating], rate: int) -> Samples:
    """``samples``, (n,) or (n, channels) at ``rate``, as one channel at `RATE`; band-limited, by way of the spectrum."""
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    if rate == RATE or not len(mono):
        return mono.astype(np.float32)
    margin = rate // 20  # silence around it, since the spectrum takes the end to touch the beginning
    padded = np.concatenate([np.zeros(margin), mono, np.zeros(margin)])
    padded = np.concatenate([padded, np.zeros(-len(padded) % rate)]) if len(padded) < rate else padded
    wanted = round(len(padded) * RATE / rate)
    spectrum = np.fft.rfft(padded)
    fitted = np.zeros(wanted // 2 + 1, complex)
    shared = min(len(spectrum), len(fitted))
    fitted[:shared] = spectrum[:shared]
    out = np.fft.irfft(fitted, wanted) * (wanted / len(padded))
    first = round(margin * RATE / rate)
    return out[first : first + round(len(mono) * RATE / rate)].astype(np.float32)


def trimmed(samples: Samples, *, lead: float = 0.005, tail: float = 0.04) -> Samples:
    """``samples`` without the silence around them but for ``lead`` and ``tail`` seconds, faded in and out against clicks."""
    levels = _levels(samples)
    if not levels.any():
        return samples[:0]
    loud = np.flatnonzero(levels > levels.max() * 10 ** (_GATE / 20))
    first = max(0, int(loud[0]) * _STRETCH - round(lead * RATE))
    last = min(len(samples), int(loud[-1] + 1) * _STRETCH + round(tail * RATE))
    return faded(samples[first:last], lead, tail)


def faded(samples: Samples, lead: float, tail: float) -> Samples:
    """A copy that rises over the first ``lead`` and falls over the last ``tail`` seconds, along a raised cosine."""
    out = samples.copy()
    for seconds, part in ((lead, slice(None)), (tail, slice(None, None, -1))):
        count = min(round(seconds * RATE), len(out))
        out[part][:count] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))).astype(np.float32)
    return out


def loudness(samples: Samples) -> float:
    """A-weighted level of the stretches that are not silent, in dB re a full-scale square wave; -inf for silence."""
    levels = _levels(_a_weighted(samples)) if len(samples) else np.zeros(0)
    if not levels.any():
        return float("-inf")
    return float(20 * np.log10(np.sqrt(np.mean(levels[levels > levels.max() * 0.1] ** 2))))


def levelled(samples: Samples, to: float = LOUDNESS) -> Samples:
    """``samples`` brought to the loudness ``to``; what would then go past `PEAK` is bent softly instead of cut off."""
    now = loudness(samples)
    if not np.isfinite(now):
        return samples
    louder = samples * np.float32(10 ** ((to - now) / 20))
    knee = 0.7 * PEAK
    beyond = np.abs(louder) - knee
    soft = knee + (PEAK - knee) * np.tanh(beyond / (PEAK - knee))
    return np.where(beyond > 0, np.sign(louder) * soft, louder).astype(np.float32)


def gain(volume: int) -> float:
    """Factor for a volume of 0 to 100 percent of perceived loudness.

    Stevens' power law: loudness grows with the 0.6th power of sound pressure (S. S. Stevens, "The measurement of loudness",
    J. Acoust. Soc. Am. 27, 1955), so 50 percent sounds half as loud and is 10 dB down.
    """
    return float((volume / 100) ** (1 / 0.6))


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """Root mean square of each hundredth of a second."""
    stretches = -(-len(samples) // _STRETCH)
    padded = np.concatenate([samples, np.zeros(stretches * _STRETCH - len(samples), np.float32)]).astype(np.float64)
    levels: npt.NDArray[np.float64] = np.sqrt(np.mean(padded.reshape(stretches, _STRETCH) ** 2, axis=1))
    return levels


def _a_weighted(samples: Samples) -> Samples:
    """The ear's uneven sensitivity: A-weighting, IEC 61672-1."""
    spectrum = np.fft.rfft(samples)
    f2 = np.fft.rfftfreq(len(samples), 1 / RATE) ** 2
    weight = 12194.0**2 * f2**2 / ((f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194.0**2))
    return np.fft.irfft(spectrum * weight * 10 ** (2.0 / 20), len(samples)).astype(np.float32)
