"""The dashboard's datastreams, and what a mood looks like there. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from howsitgoing_edge.contract import EMOTIONS, STATES, Mood
from howsitgoing_edge.core.phrases import FALLBACK_LANGUAGE, PHRASES, answer_key, change_key, nearest_language

Value = int | str


class Pin(IntEnum):
    """Virtual pins of the template; the name in lower case is the datastream's name, which MQTT uses."""

    RECOGNITION = 0
    """0 or 1; the carer's app and the device both write it."""
    EMOTICON = 1
    """0 to 8, the place in contract.STATES."""
    WORDS = 2
    CONFIDENCE = 3
    """Percent"""
    POSITIVITY = 4
    """-100 to 100 percent"""
    CHANGED_AT = 5
    """RFC 3339, UTC"""
    AVAILABILITY = 6
    """As the contract's topic ``availability``"""

    @property
    def stream(self) -> str:
        """The datastream's name."""
        return self.name.lower()


PINS: Final = {pin.stream: pin for pin in Pin}
"""Name -> pin"""


def of_mood(mood: Mood, language: str) -> dict[Pin, Value]:
    """How ``mood`` is shown, in the words of the nearest language there is."""
    return {
        Pin.EMOTICON: STATES.index(mood.emotion),
        Pin.WORDS: words(mood.emotion, language),
        Pin.CONFIDENCE: round(100 * mood.confidence),
        Pin.POSITIVITY: round(100 * mood.positivity),
        Pin.CHANGED_AT: mood.since,
    }


def words(state: str, language: str) -> str:
    """E.g. ``looks happy``."""
    key = change_key(state) if state in EMOTIONS else answer_key(state)
    return PHRASES[nearest_language(language) or FALLBACK_LANGUAGE][key]
