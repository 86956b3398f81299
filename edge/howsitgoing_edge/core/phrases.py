"""What is said, in which words: how a face looks (never what somebody feels), and a few sentences about the device itself.

The words are short, since they are heard on the street in the middle of a conversation, and say nothing about the gender of the
person in front: French agrees with "air", Spanish with "cara".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from howsitgoing_edge.contract import EMOTIONS, LANGUAGES, STATES

FALLBACK_LANGUAGE: Final = "en"


class Sentence(StrEnum):
    """A sentence about the device; its value is the phrase's key."""

    READY = "ready"
    CAMERA_LOST = "camera-lost"
    CAMERA_BACK = "camera-back"
    RECOGNITION_ON = "recognition-on"
    RECOGNITION_OFF = "recognition-off"
    SPEAKER_TEST = "speaker-test"


def change_key(emotion: str) -> str:
    """Key of what is said when the face has come to look like ``emotion``, e.g. ``happy``."""
    return emotion


def answer_key(state: str) -> str:
    """Key of the answer to "how's it going?" in one of contract.STATES, e.g. ``now-happy``."""
    return f"now-{state}"


KEYS: Final = (*map(change_key, EMOTIONS), *map(answer_key, STATES), *Sentence)
"""Every phrase there is; also the names of the recordings in a voice pack."""

_CHANGES: Final[Mapping[str, tuple[str, ...]]] = {
    # angry, disgust, fear, happy, neutral, sad, surprise
    "en": ("looks angry", "looks disgusted", "looks afraid", "looks happy", "looks neutral", "looks sad", "looks surprised"),
    "de": (
        "wirkt wütend",
        "wirkt angewidert",
        "wirkt ängstlich",
        "wirkt fröhlich",
        "wirkt neutral",
        "wirkt traurig",
        "wirkt überrascht",
    ),
    "fr": (
        "a l'air en colère",
        "a l'air dégoûté",
        "a l'air d'avoir peur",
        "a l'air content",
        "a l'air neutre",
        "a l'air triste",
        "a l'air surpris",
    ),
    "es": (
        "cara de enfado",
        "cara de asco",
        "cara de miedo",
        "cara de alegría",
        "cara neutra",
        "cara de tristeza",
        "cara de sorpresa",
    ),
    "nl": (
        "kijkt boos",
        "kijkt vol walging",
        "kijkt bang",
        "kijkt blij",
        "kijkt neutraal",
        "kijkt verdrietig",
        "kijkt verrast",
    ),
}

_ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    # the seven emotions, then nobody, then unsure
    "en": (*(f"{words} right now" for words in _CHANGES["en"]), "nobody in view", "hard to tell right now"),
    "de": (*(words.replace("wirkt", "wirkt gerade") for words in _CHANGES["de"]), "niemand zu sehen", "gerade schwer zu sagen"),
    "fr": (*(f"{words} en ce moment" for words in _CHANGES["fr"]), "personne en face", "difficile à dire en ce moment"),
    "es": (*(f"{words} ahora" for words in _CHANGES["es"]), "no hay nadie delante", "difícil de decir ahora"),
    "nl": (*(words.replace("kijkt", "kijkt nu") for words in _CHANGES["nl"]), "niemand in beeld", "nu moeilijk te zeggen"),
}

_SENTENCES: Final[Mapping[str, tuple[str, ...]]] = {
    # in the order of Sentence
    "en": ("ready to go", "camera lost", "camera back", "recognition on", "recognition off", "speaker test"),
    "de": ("alles bereit", "Kamera ausgefallen", "Kamera wieder da", "Erkennung an", "Erkennung aus", "Lautsprechertest"),
    "fr": (
        "prêt à l'emploi",
        "caméra perdue",
        "caméra retrouvée",
        "reconnaissance activée",
        "reconnaissance coupée",
        "test du son",
    ),
    "es": (
        "todo listo",
        "cámara perdida",
        "cámara de vuelta",
        "detección activada",
        "detección desactivada",
        "prueba de sonido",
    ),
    "nl": ("klaar voor gebruik", "camera kwijt", "camera weer terug", "herkenning aan", "herkenning uit", "geluidstest"),
}

PHRASES: Final[Mapping[str, Mapping[str, str]]] = {
    language: dict(zip(KEYS, (*_CHANGES[language], *_ANSWERS[language], *_SENTENCES[language]), strict=True))
    for language in LANGUAGES
}
"""Language -> key -> words."""


def nearest_language(language: str) -> str | None:
    """The language of PHRASES that serves ``language``: itself, or its first part (``de`` for ``de-AT``); None: none does."""
    base = language.partition("-")[0].lower()
    return base if base in PHRASES else None
