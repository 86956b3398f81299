"""The values that flow through the agent, frozen. Times are seconds of one steady clock that the frames bring along."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture from a camera."""

    image: Pixels
    """(H, W, 3) BGR"""
    time: float
    """Seconds on the source's steady clock when the picture was taken: a camera's monotonic time, a clip's own time."""
    number: int
    """Counts the source's frames, skipped ones too."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the frame; may reach beyond its edges."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if wide <= 0 or high <= 0:
            return 0.0
        shared = wide * high
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, eq=False)
class Face:
    """A face found in a frame."""

    box: Box
    confidence: float
    """The detector's own score, 0 to 1; detectors differ."""
    landmarks: Points | None = None
    """(5, 2) pixels of the frame: the eye, nose, and mouth corner points in the order right eye, left eye, nose, right mouth
    corner, left mouth corner (right = the person's own right, on the left of the picture). None: the detector has none."""


class Unfit(StrEnum):
    """Why a face is not read in this frame."""

    SMALL = "too small"
    BLURRED = "too blurred"
    DARK = "too dark"
    BRIGHT = "too bright"
    FLAT = "too little contrast"
    TURNED = "turned away"
    CUT_OFF = "cut off by the picture's edge"


@dataclass(frozen=True)
class Quality:
    """How well a face can be read."""

    size: float
    """Pixels: side of the square that the crop is taken from"""
    sharpness: float
    """Variance of the Laplacian of the (48, 48) crop, divided by the variance of its brightness"""
    brightness: float
    """Mean of the crop, 0 to 1"""
    contrast: float
    """Standard deviation of the crop, 0 to 1"""
    turned: float
    """0 = frontal, 1 = profile; 0 where there are no landmarks"""
    unfit: Unfit | None = None
    """None: good enough to read"""


@dataclass(frozen=True, eq=False)
class Crop:
    """The face in front as the network wants it."""

    image: Pixels
    """(48, 48) gray, eyes level where landmarks exist"""
    quality: Quality


@dataclass(frozen=True, eq=False)
class Scores:
    """What a network says of one crop, calibrated."""

    emotions: npt.NDArray[np.float32]
    """(7,) shares in the contract's order, adding up to 1"""
    readable: float
    """0 to 1: that this is a face whose expression can be read at all"""


@dataclass(frozen=True, eq=False)
class Observation:
    """One frame's evidence about the face in front, for the mood filter."""

    time: float
    faces: int
    """Faces in the frame, readable or not"""
    track: int | None = None
    """The face in front; None: nobody"""
    scores: Scores | None = None
    """None: nobody, or not readable in this frame"""
    mouth: float = 0.0
    """How much the mouth moved since the last frame, per second; see vision.mouth"""


@dataclass(frozen=True)
class Mood:
    """How the face in front looks now."""

    emotion: str
    """One of contract.STATES"""
    confidence: float
    """0 to 1: the filter's belief in ``emotion``"""
    scores: tuple[float, ...]
    """Belief in each of the seven emotions, adding up to 1; empty for ``none``"""
    faces: int
    since: float
    """When this state began"""
    time: float
    """The frame it was last confirmed by"""
    track: int | None


@dataclass(frozen=True)
class Change:
    """News: the face in front now looks different. Becomes the contract's MoodChange at the boundary."""

    previous: str
    emotion: str
    confidence: float
    scores: tuple[float, ...]
    changed: float
    """When the face changed"""
    noticed: float
    """Time of the frame that made it certain"""
    track: int
