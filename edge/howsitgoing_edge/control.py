"""What people switch, and what the camera does, carried to the parts that it concerns."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from howsitgoing_edge.contract import ContractError, Say, Settings
from howsitgoing_edge.core.phrases import Sentence

log = logging.getLogger(__name__)

_BAD = ("lost", "frozen")
"""States of a camera that people should hear of"""


class Voice(Protocol):
    """What is asked of the speaker; nothing of it blocks."""

    def say(self, say: Say) -> str | None:
        """Speak now. None, or why not."""

    def announce(self, sentence: Sentence) -> None:
        """Something about the device itself."""

    def apply(self, settings: Settings) -> None:
        """These settings are in force."""


class Camera(Protocol):
    """What is asked of the capture; nothing of it blocks."""

    def pause(self) -> None:
        """Close the camera."""

    def resume(self) -> None:
        """Open it again."""


class Memory(Protocol):
    """Keeps the settings in force."""

    def change(self, name: str, value: object) -> Settings:
        """Put one in force, or raise why not."""


@dataclass
class CameraWatch:
    """How the camera is, as health and people are told."""

    state: str = "opening"
    sentence: str = ""
    _bad: bool = False

    def note(self, state: str, sentence: str) -> Sentence | None:
        """Take in a new state; what to say of it aloud, if anything."""
        self.state, self.sentence = state, sentence
        if state in _BAD:
            worse, self._bad = not self._bad, True
            return Sentence.CAMERA_LOST if worse else None
        if state == "ok" and self._bad:
            self._bad = False
            return Sentence.CAMERA_BACK
        return None

    @property
    def problem(self) -> str | None:
        """For people, while something is wrong."""
        return self.sentence if self.state in _BAD else None


class Control:
    """Reacts to commands, to changed settings and to the camera; may be called from any thread."""

    def __init__(self, memory: Memory, voice: Voice, settings: Settings, *, on_blind: Callable[[], None]) -> None:
        """``settings`` are in force now. ``on_blind`` is called when the camera shows nothing any more."""
        self._memory = memory
        self._voice = voice
        self._settings = settings
        self._on_blind = on_blind
        self._camera: Camera | None = None
        self.watch = CameraWatch()

    def take_over(self, camera: Camera) -> None:
        """From now on ``camera`` follows the recognition switch."""
        self._camera = camera
        if not self._settings.recognition:
            camera.pause()

    def set(self, name: str, value: object) -> Settings:
        """A command ``set/<name>``. Raises as `Memory.change`."""
        return self._memory.change(name, value)

    def say(self, say: Say) -> None:
        """A command ``say``.

        Raises:
            ContractError: it cannot be spoken, and why.
        """
        refused = self._voice.say(say)
        if refused:
            raise ContractError(refused)

    def settings_are(self, settings: Settings) -> None:
        """Other settings are in force."""
        before, self._settings = self._settings, settings
        if settings.recognition != before.recognition and self._camera is not None:
            if settings.recognition:
                self._camera.resume()
            else:
                self._camera.pause()
            self._voice.announce(Sentence.RECOGNITION_ON if settings.recognition else Sentence.RECOGNITION_OFF)
        self._voice.apply(settings)

    def camera_is(self, state: str, sentence: str) -> None:
        """The camera is in another state."""
        (log.warning if state in _BAD else log.info)("%s", sentence)
        said = self.watch.note(str(state), sentence)
        if said is not None:
            self._voice.announce(said)
        if state != "ok":
            self._on_blind()
