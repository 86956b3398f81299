"""Voice packs: for each phrase a recording, the wearer's own before the shipped one.

An own folder may hold ``happy.wav``, ``now-sad.flac``, ... (the names of ``speech/recordings``; any rate and channels, up to
`LONGEST` seconds), and ``phrases.toml`` with own words, ``happy = "…"``, which espeak-ng speaks: the way to a language that is
not shipped.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.phrases import FALLBACK_LANGUAGE, KEYS, answer_key, change_key, nearest_language
from howsitgoing_edge.errors import EdgeError, VoiceError
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.espeak import Espeak

SHIPPED: Final = Path(__file__).with_name("recordings")
WORDS_FILE: Final = "phrases.toml"
LONGEST: Final = 5.0
"""Seconds; what is heard in a conversation must be short."""
SUFFIXES: Final = (".wav", ".flac", ".opus", ".ogg", ".mp3", ".aiff")
_CHANGE_OF: Final = {answer_key(emotion): change_key(emotion) for emotion in EMOTIONS}
"""The recording that can stand in for a missing answer in the same voice."""


class VoicePack:
    """The phrases in one language and voice. Used by one thread."""

    def __init__(self, language: str, folder: Path | None, espeak: Espeak) -> None:
        """Reads all of ``folder``, so that what is broken is known now and not in the street, and what must be heard fast."""
        self._language = language
        self._espeak = espeak
        self._problems: list[str] = []
        self._own: dict[str, sound.Samples] = {}
        self._words: dict[str, str] = {}
        self._made: dict[str, sound.Samples] = {}
        if folder is not None:
            self._take_own(folder)
        base = nearest_language(language)
        self._shipped = SHIPPED / (base or FALLBACK_LANGUAGE)
        if base is None and not set(KEYS) <= {*self._own, *self._words}:
            self._problems.append(
                f"nothing is shipped in the language {language!r}, so phrases are English; "
                f"put your own into speech.voice_folder, as recordings or as words in {WORDS_FILE}"
            )
        for emotion in EMOTIONS:
            self.phrase(change_key(emotion))

    @property
    def problems(self) -> tuple[str, ...]:
        """For people: what of their own folder cannot be used, or that the language is missing."""
        return tuple(self._problems)

    def phrase(self, key: str) -> sound.Samples:
        """The phrase ``key``, one of core.phrases.KEYS, as it is to be played.

        Raises:
            VoiceError: the shipped recording cannot be read: the installation is broken.
        """
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, key: str) -> sound.Samples:
        change = _CHANGE_OF.get(key, key)
        for name in (key, change):
            if name in self._own:
                return self._own[name]
            if name in self._words:
                try:
                    return _finished(self._espeak.speak(self._words[name], self._language))
                except EdgeError as error:
                    self._problems.append(f"{WORDS_FILE}, {name}: {error}")
        return _decoded(self._shipped / f"{key}.opus")

    def _take_own(self, folder: Path) -> None:
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            self._problems.append(f"speech.voice_folder {folder}: {error.strerror}; the shipped voice is used")
            return
        for path in paths:
            try:
                if path.name == WORDS_FILE:
                    self._words = _words(path)
                elif path.suffix.lower() in SUFFIXES:
                    key = _known(path.stem, path)
                    self._own[key] = _recorded(path)
            except VoiceError as error:
                self._problems.append(f"{error}; the shipped voice is used instead")


def _decoded(path: Path) -> sound.Samples:
    import soundfile  # takes a while, and not everybody speaks

    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > LONGEST * file.samplerate:
                raise VoiceError(f"{path}: {file.frames / file.samplerate:.0f} s long; at most {LONGEST:g} s are spoken")
            samples: npt.NDArray[np.float32] = file.read(dtype="float32", always_2d=True)
            rate: int = file.samplerate
    except (soundfile.LibsndfileError, OSError) as error:
        raise VoiceError(f"{path}: cannot be read as sound ({getattr(error, 'error_string', error)})") from error
    return sound.converted(samples, rate)


def _recorded(path: Path) -> sound.Samples:
    samples = _finished(_decoded(path))
    if not len(samples):
        raise VoiceError(f"{path}: nothing is to be heard in it")
    return samples


def _finished(samples: sound.Samples) -> sound.Samples:
    return sound.levelled(sound.trimmed(samples))


def _words(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise VoiceError(f"{path}: cannot be read ({error})") from error
    for key, words in content.items():
        if not isinstance(words, str) or not words.strip():
            raise VoiceError(f"{path}: {_known(key, path)} must be words in quotes")
        _known(key, path)
    return content


def _known(key: str, path: Path) -> str:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(KEYS)}"
        raise VoiceError(f"{path}: {key!r} is no phrase: {hint}")
    return key
