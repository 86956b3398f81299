"""What there was before: the loop that the project grew from, kept to compare with.

Haar with a scale factor of 1.3 and 5 neighbours on the whole frame, the raw square to the network, its most likely answer is
the truth; a changed answer is spoken while everything waits, then half a second of sleep. The network is ours, so that only
the loops differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from howsitgoing_edge.contract import EMOTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from howsitgoing_edge.core.types import Pixels
    from howsitgoing_edge.vision.litert import LiteRtClassifier

SLEEP: Final = 0.5
SPEECH: Final = 0.9
"""Seconds that a word like "surprise" takes"""


@dataclass(frozen=True)
class Told:
    """What it said."""

    noticed: float
    emotion: str


class BaselineLoop:
    """The old loop."""

    def __init__(self, classifier: LiteRtClassifier) -> None:
        """Loads the cascade."""
        self._cascade = cv2.CascadeClassifier(str(files("cv2.data") / "haarcascade_frontalface_default.xml"))
        self._classifier = classifier

    def look(self, image: Pixels) -> str | None:
        """The expression of the first face in a (H, W, 3) BGR frame; None: no face."""
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        for x, y, width, height in self._cascade.detectMultiScale(gray, 1.3, 5)[:1]:
            crop = cv2.resize(gray[y : y + height, x : x + width], (48, 48))
            return EMOTIONS[int(self._classifier.score(np.asarray(crop, np.uint8)).emotions.argmax())]
        return None

    def watch(self, frames: Iterable[Pixels], fps: float, look_takes: float = 0.035) -> list[Told]:
        """What it tells of a clip at ``fps``, in the clip's time: it looks, maybe speaks, sleeps, and has missed the rest."""
        told: list[Told] = []
        last: str | None = None
        ready = 0.0
        for number, frame in enumerate(frames):
            if number / fps < ready:
                continue
            now = number / fps + look_takes
            emotion = self.look(frame)
            new = emotion is not None and emotion != last
            if emotion is not None and new:
                if last is not None:
                    told.append(Told(now, emotion))
                last = emotion
            ready = now + SLEEP + (SPEECH if new else 0.0)
        return told
