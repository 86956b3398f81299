"""The wearer's voice: takes moods, news and wishes without ever blocking, and speaks on a thread of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from queue import Empty, Full, Queue
from typing import Final

from howsitgoing_edge.contract import NOBODY, Say, Settings
from howsitgoing_edge.core.cues import Cue
from howsitgoing_edge.core.phrases import Sentence
from howsitgoing_edge.core.types import Change, Mood
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.talker import Talker, rules

_INBOX: Final = 64
_CLOSING: Final = 0.9
"""Seconds"""
log = logging.getLogger(__name__)


def local_daytime() -> dt.time:
    """Time of the day where the wearer is."""
    return dt.datetime.now().astimezone().time()


class Speaker:
    """Methods may be called from any thread and return at once. No loudspeaker is opened before it is needed."""

    def __init__(
        self,
        speech: SpeechSettings,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        local_time: Callable[[], dt.time] = local_daytime,
        on_spoken: Callable[[Cue, float], None] = lambda _cue, _handed: None,
    ) -> None:
        """Starts the thread.

        Args:
            speech: what is configured: device, voice, gaps, quiet hours. Its mode, language and volume are not looked at.
            settings: what is in force, until `apply`.
            clock: seconds on the clock of the frames, as in `Change.noticed`.
            local_time: for quiet hours.
            on_spoken: gets each cue, with the time on ``clock`` at which its first samples were handed to the player; called
                on the speaker's thread.
        """
        self._speech = speech
        self._settings = settings
        self._clock = clock
        self._local_time = local_time
        self._talker = Talker(speech, settings, clock=clock, local_time=local_time, on_spoken=on_spoken)
        self._inbox: Queue[Callable[[], object]] = Queue(_INBOX)
        self._refused = 0
        self._mood: deque[Mood] = deque(maxlen=1)
        self._somebody = False
        self._closing = self._died = False
        self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """For the contract's Health.speaker: ok, off, lost, or asleep while there is nobody to speak of."""
        return self._talker.state

    @property
    def problems(self) -> tuple[str, ...]:
        """For people, most important first."""
        died = ("stopped by an error of its own; see the log, and restart howsitgoing",) if self._died else ()
        return tuple(f"speech: {problem}" for problem in (*died, *self._talker.problems))

    @property
    def dropped(self) -> Mapping[str, int]:
        """Cues that were not heard since the start, by reason, as in ``speech_stale``."""
        counts = {**self._talker.announcer.dropped, "unheard": self._talker.unheard, "refused": self._refused}
        return {f"speech_{reason}": count for reason, count in counts.items()}

    def mood(self, mood: Mood) -> None:
        """How the face in front looks in the newest frame."""
        self._mood.append(mood)
        self.present(mood.emotion != NOBODY or mood.faces > 0)

    def change(self, change: Change) -> None:
        """News."""
        self._post(lambda: self._talker.announcer.change(change))

    def say(self, say: Say) -> str | None:
        """Speak now; without text: how's it going? None, or the reason why it will not be spoken."""
        if not rules(self._speech, self._settings).speech:
            return "speech is switched off"
        if say.text and say.text.strip() and not Espeak().installed:
            return "free text needs espeak-ng (sudo apt install espeak-ng)"
        asked = self._clock()
        self._post(lambda: self._talker.announcer.say(say, asked))
        return None

    def announce(self, sentence: Sentence) -> None:
        """Something about the device itself."""
        asked = self._clock()
        self._post(lambda: self._talker.announcer.sentence(sentence, asked, self._local_time()))

    def apply(self, settings: Settings) -> None:
        """These settings are in force from now on."""
        self._settings = settings
        self._post(lambda: self._talker.apply(settings))

    def present(self, somebody: bool) -> None:  # noqa: FBT001  there or not is all there is to say
        """Whether a face is there: then the loudspeaker is kept awake. `mood` says so too."""
        came = somebody and not self._somebody
        self._somebody = somebody
        if came:
            self._post(lambda: None)  # wakes the thread, so that the loudspeaker is awake before there is news

    def close(self) -> None:
        """Fall silent and end, within a second. May be called twice."""
        self._closing = True
        self._talker.stop()
        self._post(lambda: None)
        self._thread.join(_CLOSING)

    def _post(self, command: Callable[[], object]) -> None:
        try:
            self._inbox.put_nowait(command)
        except Full:
            self._refused += 1

    def _run(self) -> None:
        try:
            self._talker.load_voice()
            wait = 0.0
            while not self._closing:
                self._take_in(wait)
                wait = self._talker.turn(somebody=self._somebody)
        except Exception:
            log.exception("speech has stopped by an error of its own; everything else goes on")
            self._died = True
            self._talker.state = "lost"
        finally:
            self._talker.close()

    def _take_in(self, wait: float) -> None:
        """All that has come in; if nothing has, the first thing that comes within ``wait`` seconds."""
        with contextlib.suppress(Empty):
            command = self._inbox.get(timeout=wait) if wait else self._inbox.get_nowait()
            while True:
                if self._mood:
                    self._talker.announcer.mood(self._mood.popleft())
                command()
                command = self._inbox.get_nowait()
        if self._mood:
            self._talker.announcer.mood(self._mood.popleft())
