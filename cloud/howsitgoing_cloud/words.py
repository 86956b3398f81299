"""How a state is put into words: how a face looks, never what somebody feels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from howsitgoing_cloud._contract import NOBODY, UNSURE

WORDS: Final[Mapping[str, str]] = {
    "angry": "looks angry",
    "disgust": "looks disgusted",
    "fear": "looks afraid",
    "happy": "looks happy",
    "neutral": "looks neutral",
    "sad": "looks sad",
    "surprise": "looks surprised",
    NOBODY: "nobody in view",
    UNSURE: "hard to tell right now",
}
"""For each of contract.STATES; the device has the same in its wearer's language"""
