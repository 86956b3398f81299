"""What is said aloud, and when: a wearer must not be flooded, nor told what no longer holds.

A change is told if it is to another expression than the last one told, at least ``min_gap`` seconds after that. One that
comes earlier waits; the newest wins; if the face has gone back meanwhile, nothing is said. What waits is dropped once the face
has not been seen to look so for ``stale_after`` seconds. What a person asked for is answered at once, also in quiet hours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Final

from howsitgoing_edge.contract import NOBODY, UNSURE, Say
from howsitgoing_edge.core.cues import Cue, Form, Rules
from howsitgoing_edge.core.phrases import Sentence, answer_key, change_key
from howsitgoing_edge.core.types import Change, Mood

PATIENCE: Final = 10.0
"""Seconds that a text or a sentence about the device may wait for a loudspeaker."""
FORGETTING: Final = 10.0
"""Seconds with nobody in front after which the next person's expression is told even if it is the one told last."""
BLIND_AFTER: Final = 5.0
"""Seconds without any mood, as with a lost camera, after which an answer is ``unsure``; at 0.5 fps a mood comes every 2."""
_ASKED: Final = (Sentence.SPEAKER_TEST,)
"""Sentences that somebody waits for: said in quiet hours and in every mode."""
_QUESTION: Final = answer_key(UNSURE)
"""How's it going? The answer is looked up at the moment when it can be heard."""


class Announcer:
    """Decides. Times are seconds of the frames' clock. Used by one thread."""

    def __init__(self, rules: Rules) -> None:
        """Nothing told yet."""
        self.rules = rules
        self.dropped = {"stale": 0, "overtaken": 0}
        """Cues left unsaid: nobody could be told in time, or a newer one took the place."""
        self._mood: Mood | None = None
        self._told: str | None = None
        self._told_at = float("-inf")
        self._news: tuple[Change, float] | None = None
        """The change that waits, and when the face was last seen to look so"""
        self._asked: Cue | None = None
        """What waits to be said because somebody, or the device itself, wants it said"""

    def mood(self, mood: Mood) -> None:
        """How the face in front looks in the newest frame."""
        self._mood = mood
        if self._news is not None and mood.emotion == self._news[0].emotion:
            self._news = (self._news[0], max(mood.time, self._news[1]))
        if mood.emotion == NOBODY and mood.time - mood.since >= FORGETTING:
            self._told = None

    def change(self, change: Change) -> None:
        """News; takes the place of news that still waits."""
        if self._news is not None:
            self.dropped["overtaken"] += 1
        self._news = None if change.emotion == self._told else (change, change.noticed)

    def say(self, say: Say, now: float) -> bool:
        """Somebody wants ``say`` said, or without text: how's it going? False: speech is switched off."""
        if not self.rules.speech:
            return False
        if say.text and say.text.strip():
            self._ask(Cue(Form.TEXT, "", now, text=say.text, language=say.language))
        else:
            self._ask(Cue(Form.PHRASE, _QUESTION, now))
        return True

    def sentence(self, sentence: Sentence, now: float, local: time) -> None:
        """Something about the device itself; kept quiet where nothing unasked is wanted."""
        if self.rules.speech and (sentence in _ASKED or self.rules.unasked(local)):
            self._ask(Cue(Form.PHRASE, sentence, now))

    def waiting(self, now: float, local: time) -> bool:
        """Whether there is anything to be heard, be it now or when the gap has passed; what has become stale is dropped."""
        self._tidy(now, local)
        return self._asked is not None or (self._news is not None and self.rules.tells(self._news[0].emotion, local))

    def due(self, now: float, local: time, *, busy: bool) -> Cue | None:
        """What to say at this moment, if anything; it then counts as told.

        Args:
            now: the frames' clock.
            local: time of the day, for quiet hours.
            busy: something that was asked for sounds at this moment; news waits for its end.
        """
        self._tidy(now, local)
        if self._asked is not None:
            asked, self._asked = self._asked, None
            return self._answer(asked, now) if asked.key == _QUESTION else asked
        if self._news is None or busy or not self._gap_passed(now):
            return None
        (change, _), self._news = self._news, None
        self._told, self._told_at = change.emotion, now
        form = Form.TONE if self.rules.mode == "tones" else Form.PHRASE
        return Cue(form, change_key(change.emotion), change.noticed, change)

    def unheard(self, cue: Cue) -> None:
        """The loudspeaker went away under ``cue``: news is told again once it is back, if the face still looks so."""
        if cue.change is not None and cue.change.emotion == self._told:
            self._told, self._told_at = None, float("-inf")
            self._news = self._news or (cue.change, cue.change.noticed)

    def _answer(self, question: Cue, now: float) -> Cue:
        if not self.rules.recognition:
            return replace(question, key=Sentence.RECOGNITION_OFF)
        mood = self._mood
        if mood is None or now - mood.time > BLIND_AFTER:
            return question
        self._told, self._told_at = mood.emotion, now
        if self._news is not None and self._news[0].emotion == mood.emotion:
            self._news = None  # the answer tells it
        return replace(question, key=answer_key(mood.emotion))

    def _ask(self, cue: Cue) -> None:
        if self._asked is not None:
            self.dropped["overtaken"] += 1
        self._asked = cue

    def _tidy(self, now: float, local: time) -> None:
        if self._asked is not None and now - self._asked.since > PATIENCE:
            self._asked = None
            self.dropped["stale"] += 1
        if self._news is None:
            return
        change, seen = self._news
        wanted = self.rules.tells(change.emotion, local)
        if now - seen > self.rules.stale_after:
            self._news = None
            self.dropped["stale"] += wanted
        elif not wanted and self._gap_passed(now):
            self._told, self._news = change.emotion, None  # no word of it, but going back to what was told will be news again

    def _gap_passed(self, now: float) -> bool:
        return not 0 <= now - self._told_at < self.rules.min_gap  # a clip that begins anew takes time back
