"""What can be heard, and what the wearer wants to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Final

from howsitgoing_edge.core.types import Change

ALERTS: Final = ("angry", "fear", "sad")
"""What speech mode ``alerts`` tells of."""


class Form(StrEnum):
    """How a cue sounds."""

    PHRASE = "phrase"
    TONE = "tone"
    TEXT = "text"


@dataclass(frozen=True)
class Rules:
    """What is in force."""

    mode: str = "changes"
    """One of contract.SPEECH_MODES"""
    speech: bool = True
    recognition: bool = True
    min_gap: float = 3.0
    stale_after: float = 2.0
    quiet: tuple[time, time] | None = None
    """Start and end in local time; may go past midnight"""

    def unasked(self, local: time) -> bool:
        """Whether anything may be said at ``local`` that nobody asked for."""
        return self.speech and self.mode != "off" and not is_quiet(self.quiet, local)

    def tells(self, emotion: str, local: time) -> bool:
        """Whether a change to ``emotion`` is to be heard at ``local``."""
        return self.unasked(local) and (self.mode in ("changes", "tones") or (self.mode == "alerts" and emotion in ALERTS))


@dataclass(frozen=True)
class Cue:
    """Something to be heard now."""

    form: Form
    key: str
    """Key of the phrase, or the emotion of a tone; empty for a text"""
    since: float
    """When its cause was noticed, or it was asked for"""
    change: Change | None = None
    """The news it tells; None: it was asked for, or is about the device"""
    text: str = ""
    language: str | None = None
    """Of the text; None: the one in force"""


def is_quiet(quiet: tuple[time, time] | None, local: time) -> bool:
    """Whether ``local`` lies in the hours from quiet[0] up to quiet[1], which may go past midnight."""
    if quiet is None:
        return False
    start, end = quiet
    return start <= local < end if start <= end else local >= start or local < end
