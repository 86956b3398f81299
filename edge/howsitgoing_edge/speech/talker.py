"""What the speech thread does, turn by turn: asks what is due, finds its sound, and feeds the loudspeaker."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Final

from howsitgoing_edge.contract import Settings
from howsitgoing_edge.core.announce import Announcer
from howsitgoing_edge.core.cues import Cue, Rules
from howsitgoing_edge.errors import EdgeError, VoiceError
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.mix import Mix
from howsitgoing_edge.speech.output import Output
from howsitgoing_edge.speech.voicing import Voicing

LINGER: Final = 10.0
"""Seconds that the stream stays open after the last need of it."""
_ROOM: Final = 0.1
"""Seconds: the longest wait for the loudspeaker before looking for something new to say."""
_IDLE: Final = 0.5
log = logging.getLogger(__name__)


def rules(speech: SpeechSettings, settings: Settings) -> Rules:
    """What is configured and what is in force, as the announcer wants it."""
    return Rules(
        mode=settings.speech_mode,
        speech=settings.speech and speech.output != "off",
        recognition=settings.recognition,
        min_gap=speech.min_gap,
        stale_after=speech.stale_after,
        quiet=None if speech.quiet is None else (speech.quiet.start, speech.quiet.end),
    )


class Talker:
    """Used by one thread, but for `state`, `problems`, `unheard` and `stop`."""

    def __init__(
        self,
        speech: SpeechSettings,
        settings: Settings,
        *,
        clock: Callable[[], float],
        local_time: Callable[[], dt.time],
        on_spoken: Callable[[Cue, float], None],
    ) -> None:
        """See `speaker.Speaker`."""
        self.announcer = Announcer(rules(speech, settings))
        self.state = "asleep"
        """One of the contract's Health.speaker"""
        self.unheard = 0
        """Cues that were due but not heard, or not to their end, because the loudspeaker or the voice failed"""
        self._speech = speech
        self._clock = clock
        self._local_time = local_time
        self._on_spoken = on_spoken
        self._output = Output(speech.output)
        self._mix = Mix(sound.gain(settings.volume))
        self._voicing = Voicing(speech.voice_folder, settings.language)
        self._failure: str | None = None
        self._cue: Cue | None = None
        """What sounds now, or is being made"""
        self._begun: Cue | None = None
        """Its first block is the next one to be handed over"""
        self._needed_at = float("-inf")

    @property
    def problems(self) -> tuple[str, ...]:
        """For people, most important first."""
        found = [self._output.problem if self.state == "lost" else None, self._failure, *self._voicing.problems]
        return tuple(problem for problem in found if problem)

    def load_voice(self, language: str | None = None) -> None:
        """Read the voice for ``language``; None: for the one in force."""
        try:
            self._voicing.load(language or self._voicing.language)
        except VoiceError as error:
            self._fail(error)

    def apply(self, settings: Settings) -> None:
        """These settings are in force from now on."""
        self.announcer.rules = rules(self._speech, settings)
        self._mix.gain = sound.gain(settings.volume)
        if not self.announcer.rules.speech:
            self._fall_silent()
        if settings.language != self._voicing.language:
            self.load_voice(settings.language)

    def turn(self, *, somebody: bool) -> float:
        """One step: a block for the loudspeaker if it wants one. Seconds to wait until the next, unless something comes in.

        Args:
            somebody: a face is there, so news may come at any moment.
        """
        now, local = self._clock(), self._local_time()
        if not self._is_needed(somebody and self.announcer.rules.unasked(local), self.announcer.waiting(now, local)):
            self._output.close()
            self.state = "asleep" if self.announcer.rules.speech else "off"
            return _IDLE
        if not self._output.open():
            self._lose()
            return min(max(self._output.next_try, 0.01), _IDLE)
        if self._output.ready:
            self._begin_what_is_due(now, local)
        if self._output.room(_ROOM, ahead=self._mix.playing):
            self._output.write(self._mix.next_block())
            if self._begun is not None:
                self._on_spoken(self._begun, self._clock())
                self._begun = None
        if self._output.problem is not None:
            self._lose()
        elif self._output.ready:
            self.state = "ok"
        return 0.0

    def stop(self) -> None:
        """End what espeak-ng is doing; for other threads."""
        self._voicing.stop()

    def close(self) -> None:
        """Give the loudspeaker back."""
        self._output.close()

    def _is_needed(self, *reasons: bool) -> bool:
        now = time.monotonic()
        if any(reasons) or self._cue is not None:
            self._needed_at = now
        return self.announcer.rules.speech and now - self._needed_at < LINGER

    def _begin_what_is_due(self, now: float, local: dt.time) -> None:
        """Let it sound from the next block on, if there is something."""
        if not self._voicing.busy and not self._mix.playing:
            self._cue = None
        due = self.announcer.due(now, local, busy=self._cue is not None and self._cue.change is None)
        self._cue = due or self._cue
        try:
            samples = self._voicing.made() if due is None else self._voicing.voice(due)
        except EdgeError as error:
            self._fail(error)
            self._cue, self.unheard = None, self.unheard + 1
            return
        if samples is not None:
            self._failure = None
            self._begun = self._cue
            self._mix.start(samples)

    def _lose(self) -> None:
        """The loudspeaker is gone; what sounded was not heard to its end."""
        self.state = "lost"
        if self._cue is not None:
            self.unheard += 1
            self.announcer.unheard(self._cue)
            self._fall_silent()

    def _fall_silent(self) -> None:
        self._mix.stop()
        self._voicing.forget()
        self._cue = self._begun = None

    def _fail(self, error: EdgeError) -> None:
        log.warning("speech: %s", error)
        self._failure = str(error)
