"""What the vision thread hands over: as little work as possible, the rest is done elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from howsitgoing_edge.contract import Mood, MoodChange
from howsitgoing_edge.core.types import Face, Pixels
from howsitgoing_edge.core.types import Mood as CoreMood


@dataclass(frozen=True, eq=False)
class Sight:
    """One frame, and what it came to."""

    image: Pixels
    """(H, W, 3) BGR"""
    mood: CoreMood
    face: Face | None
    """The face in front, if it could be read in this frame"""
    readable: float | None
    """How readable the network found it"""


@dataclass(frozen=True, eq=False)
class Draft:
    """A sample to be; the picture is not encoded yet."""

    reading: MoodChange | Mood
    reason: str
    previous: str
    track: int
    readable: float | None
    picture: Pixels | None
    """(H, W, 3) BGR, the face with its surroundings"""


class Cut(Protocol):
    """Takes the face with its surroundings out of a picture, as a copy."""

    def __call__(self, image: Pixels, face: Face) -> Pixels:
        """(H, W, 3) BGR of both."""


class Encode(Protocol):
    """Makes a JPEG of a picture."""

    def __call__(self, picture: Pixels) -> tuple[bytes, int, int]:
        """The JPEG, its width and its height."""
