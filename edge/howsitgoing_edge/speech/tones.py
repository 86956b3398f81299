"""Earcons for speech mode ``tones``: one short figure for each expression, for wearers who don't want words in their ear.

| Looks | Figure |
|---|---|
| happy | three notes of a major chord, upwards |
| surprised | one leap up an octave |
| neutral | a single middle note |
| sad | two slow notes, a minor third downwards |
| disgusted | one note that slides down |
| afraid | a fast high trill |
| angry | two short rough beats, low |

Direction and rhythm tell them apart, not pitch alone: few people have perfect pitch. All lie between 400 Hz and 1.3 kHz, which
small loudspeakers and hard-of-hearing ears can do, last 0.2 to 0.4 s, and are equally loud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from howsitgoing_edge.speech import sound

_C5, _D5, _E5, _G5, _C6, _D6, _E6 = 523.25, 587.33, 659.26, 783.99, 1046.50, 1174.66, 1318.51
_A4, _B4 = 440.0, 466.16
_OVERTONES: Final = (1.0, 0.3, 0.1)
"""Amplitudes of the harmonics: a mallet's sound, softer than a beep."""
_ATTACK, _RELEASE = 0.008, 0.03
"""Seconds; shorter ones click."""


@dataclass(frozen=True)
class Note:
    """One note of a figure; frequencies in Hz."""

    frequency: float
    seconds: float
    to: float | None = None
    """Slides to this frequency"""
    against: float | None = None
    """Sounds together with this one: close to ``frequency`` it is rough"""


EARCONS: Final[Mapping[str, tuple[Note, ...]]] = {
    "angry": (Note(_A4, 0.13, against=_B4), Note(_A4, 0.17, against=_B4)),
    "disgust": (Note(_G5, 0.34, to=_A4),),
    "fear": tuple(Note(frequency, 0.055) for frequency in (_D6, _E6) * 3),
    "happy": (Note(_C5, 0.1), Note(_E5, 0.1), Note(_G5, 0.16)),
    "neutral": (Note(_D5, 0.24),),
    "sad": (Note(_E5, 0.18), Note(_C5 * 2 ** (1 / 12), 0.22)),
    "surprise": (Note(_C5, 0.08), Note(_C6, 0.2)),
}


@cache
def tone(emotion: str) -> sound.Samples:
    """The figure for ``emotion``, at the loudness of everything else."""
    return sound.levelled(np.concatenate([_played(note) for note in EARCONS[emotion]]))


def _played(note: Note) -> sound.Samples:
    time = np.arange(round(note.seconds * sound.RATE)) / sound.RATE
    glide = np.linspace(0, 1, len(time))
    wave = np.zeros(len(time))
    for frequency in (note.frequency, note.against):
        if frequency is None:
            continue
        along = frequency * ((note.to or frequency) / frequency) ** glide
        phase = 2 * np.pi * np.cumsum(along) / sound.RATE
        wave += sum(amplitude * np.sin(phase * number) for number, amplitude in enumerate(_OVERTONES, 1))
    decay = np.exp(-3 * time / note.seconds) if note.to is None else np.ones(len(time))
    return sound.faded((wave * decay).astype(np.float32), _ATTACK, _RELEASE)
