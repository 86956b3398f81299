"""From a cue to its sound: a phrase of the voice pack, a tone, or a text that espeak-ng speaks meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty, SimpleQueue

from howsitgoing_edge.core.cues import Cue, Form
from howsitgoing_edge.errors import EdgeError, VoiceError
from howsitgoing_edge.speech import sound
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.tones import tone
from howsitgoing_edge.speech.voices import VoicePack


class Voicing:
    """Used by one thread, but for `problems` and `stop`."""

    def __init__(self, folder: Path | None, language: str) -> None:
        """``folder``: the wearer's own recordings. Nothing is read before `load`."""
        self.language = language
        self._folder = folder
        self._espeak = Espeak()
        self._pack: VoicePack | None = None
        self._making: Cue | None = None
        self._made: SimpleQueue[tuple[Cue, sound.Samples | EdgeError]] = SimpleQueue()

    @property
    def problems(self) -> tuple[str, ...]:
        """For people."""
        return () if self._pack is None else self._pack.problems

    @property
    def busy(self) -> bool:
        """Whether a text is being made."""
        return self._making is not None

    def load(self, language: str) -> None:
        """Read the voice for ``language``.

        Raises:
            VoiceError: the shipped recordings cannot be read.
        """
        self.language, self._pack = language, None
        self._pack = VoicePack(language, self._folder, Espeak())

    def voice(self, cue: Cue) -> sound.Samples | None:
        """The sound of ``cue``; None for a text, which `made` gives later. Takes the place of a text that is being made.

        Raises:
            VoiceError: it has none.
        """
        self.forget()
        if cue.form is Form.TEXT:
            self._making = cue
            threading.Thread(target=self._make, args=(cue, self.language), name="espeak", daemon=True).start()
            return None
        if cue.form is Form.TONE:
            return tone(cue.key)
        if self._pack is None:
            raise VoiceError("the shipped voice cannot be read; reinstall howsitgoing")
        return self._pack.phrase(cue.key)

    def made(self) -> sound.Samples | None:
        """The text that was being made, once, when it is ready.

        Raises:
            EdgeError: it could not be made.
        """
        try:
            cue, result = self._made.get_nowait()
        except Empty:
            return None
        if cue is not self._making:
            return None  # something newer has taken its place
        self._making = None
        if isinstance(result, EdgeError):
            raise result
        return result

    def forget(self) -> None:
        """The text that is being made is not wanted any more."""
        self._making = None
        self.stop()

    def stop(self) -> None:
        """End what espeak-ng is doing; for other threads."""
        self._espeak.stop()

    def _make(self, cue: Cue, language: str) -> None:
        """On a thread of its own: a long text takes a second on a small computer, and the loudspeaker must be fed."""
        try:
            spoken = self._espeak.speak(cue.text, cue.language or language)
            self._made.put((cue, sound.levelled(sound.trimmed(spoken))))
        except EdgeError as error:
            self._made.put((cue, error))
