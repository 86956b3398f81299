"""Moods, news and waiting, for tests of the speaker."""

from __future__ import annotations

import time
from collections.abc import Callable

from support.sound import until

from howsitgoing_edge.contract import NOBODY
from howsitgoing_edge.core.cues import Cue
from howsitgoing_edge.core.types import Change, Mood
from howsitgoing_edge.speech.speaker import Speaker

Speakers = Callable[..., Speaker]
"""``speakers(Settings(...), min_gap=0.5)``: a speaker with these settings in force and these of SpeechSettings."""
Spoken = list[tuple[Cue, float]]
"""Cues, and when they were handed over"""


def news(emotion: str) -> Change:
    """The face has come to look like this, just now."""
    now = time.monotonic()
    return Change("neutral", emotion, 0.9, (), now - 0.3, now, 1)


def mood(emotion: str) -> Mood:
    """The face looks like this, just now."""
    now = time.monotonic()
    return Mood(emotion, 0.9, (), int(emotion != NOBODY), now - 1, now, 1)


def wake(speaker: Speaker) -> None:
    """A face is there; wait until the loudspeaker is warm."""
    speaker.present(True)
    until(lambda: speaker.state == "ok", "the loudspeaker is awake")
