"""The words: complete in every language, short, and never more than how a face looks."""

from __future__ import annotations

import re

import pytest

from howsitgoing_edge.contract import EMOTIONS, LANGUAGES, STATES
from howsitgoing_edge.core.phrases import KEYS, PHRASES, Sentence, answer_key, change_key, nearest_language

IS = {"en": "is|are|feels", "de": "ist|fühlt", "fr": "est|sent|c'est", "es": "es|está|siente", "nl": "is|voelt"}
LOOKS = {"en": "looks", "de": "wirkt", "fr": "a l'air", "es": "cara", "nl": "kijkt"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase(language: str) -> None:
    """A wearer who hears nothing where a phrase is missing would take it for a calm face."""
    assert set(PHRASES[language]) == set(KEYS)
    assert all(words.strip() for words in PHRASES[language].values())


def test_there_is_a_phrase_for_every_state_and_sentence() -> None:
    """The keys are made from the contract, so a new state cannot be forgotten here."""
    assert {change_key(emotion) for emotion in EMOTIONS} <= set(KEYS)
    assert {answer_key(state) for state in STATES} <= set(KEYS)
    assert set(Sentence) <= set(KEYS)
    assert len(set(KEYS)) == len(KEYS) == 22


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_claims_what_somebody_feels(language: str) -> None:
    """A camera sees a face, not a feeling: "looks happy", never "is happy"."""
    for words in PHRASES[language].values():
        assert not re.search(rf"\b({IS[language]})\b", words, re.IGNORECASE), words
    for emotion in EMOTIONS:
        assert LOOKS[language] in PHRASES[language][change_key(emotion)]
        assert LOOKS[language] in PHRASES[language][answer_key(emotion)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_short_and_all_different(language: str) -> None:
    """They are heard once, on the street, in the middle of a conversation."""
    assert len(set(PHRASES[language].values())) == len(KEYS)
    assert max(len(PHRASES[language][change_key(emotion)].split()) for emotion in EMOTIONS) <= 4
    assert max(len(words) for words in PHRASES[language].values()) <= 36


@pytest.mark.parametrize(
    ("language", "nearest"),
    [("de", "de"), ("de-AT", "de"), ("en-029", "en"), ("NL", "nl"), ("pl", None), ("eng", None), ("", None)],
)
def test_a_regional_language_is_served_by_its_base(language: str, nearest: str | None) -> None:
    """An Austrian gets German words; a Pole no guess."""
    assert nearest_language(language) == nearest
