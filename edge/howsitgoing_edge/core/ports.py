"""What the agent needs of the outside, as small protocols; the rooms implement them, ``app.py`` joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.core.types import Box, Crop, Face, Frame, Pixels, Scores

MessageT = TypeVar("MessageT", contravariant=True)  # noqa: PLC0105  reads as what it is


class FrameSource(Protocol):
    """An open camera or clip. Used by one thread."""

    @property
    def description(self) -> str:
        """For people, e.g. ``webcam /dev/video0, 640x480``."""

    @property
    def live(self) -> bool:
        """True: frames arrive in real time whether they are read or not. False: a clip that waits."""

    @property
    def can_freeze(self) -> bool:
        """True: a camera, whose silence or very same picture over many seconds means that it hangs. False: a clip."""

    def grab(self) -> float | None:
        """Wait for the next frame and hold it undecoded, which is how frames nobody needs are drained.

        Returns:
            When it was taken, as `Frame.time`; None at the end of a clip.

        Raises:
            CameraError: no frame could be had; the source must be closed and opened again.
        """

    def retrieve(self) -> Frame | None:
        """The frame that `grab` holds; None if this one arrived damaged.

        Raises:
            CameraError: too many in a row were damaged.
        """

    def read(self) -> Frame | None:
        """The next frame that can be had, waiting for it if need be; None at the end of a clip.

        Raises:
            CameraError: as `grab` and `retrieve`.
        """

    def close(self) -> None:
        """Give the device back. May be called twice."""


class Detector(Protocol):
    """Finds faces. Used by one thread."""

    @property
    def name(self) -> str:
        """``yunet`` or ``haar``."""

    def detect(self, image: Pixels) -> Sequence[Face]:
        """All faces in a (H, W, 3) BGR picture, in its pixels."""

    def near(self, image: Pixels, box: Box) -> Sequence[Face]:
        """The same, for less, if only around ``box``, where a face was in the frame before."""


class FaceFinder(Protocol):
    """Finds faces in one frame after another. Used by one thread."""

    def find(self, image: Pixels, time: float) -> Sequence[Face]:
        """All faces in a (H, W, 3) BGR picture of ``time`` in seconds, in its pixels."""

    def reset(self) -> None:
        """The camera was away."""


class Classifier(Protocol):
    """Reads one crop. Used by one thread."""

    def score(self, crop: Pixels) -> Scores:
        """Calibrated scores of a (48, 48) gray crop."""


CropTaker = Callable[[Pixels, Face], Crop]
"""Takes the crop of one face out of a (H, W, 3) BGR picture, and judges it."""


class MouthMeter(Protocol):
    """Measures how much the mouth moves. Used by one thread."""

    def update(self, crop: Pixels, time: float, track: int) -> float:
        """0 = still, about 1 = talking; ``crop`` is the (48, 48) gray crop of the face ``track`` at ``time`` seconds."""


class StageTimer(Protocol):
    """Times the stages of the pipeline."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Times what is done inside."""


class Sink(Protocol[MessageT]):
    """Somewhere that moods and changes go. ``handle`` runs on the sink's own worker and may block."""

    @property
    def name(self) -> str:
        """Key of its queue in ``health``."""

    def handle(self, message: MessageT) -> None:
        """Deliver one message.

        Raises:
            TransientError: it could not be delivered; it is dropped and counted.
        """


class Link(Protocol):
    """The way to the broker and back. All methods may be called from any thread and return at once."""

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""

    @property
    def problems(self) -> Sequence[str]:
        """For people: why there is no connection, or what the broker does not let us do."""

    @property
    def waiting(self) -> int:
        """Messages not yet handed over."""

    @property
    def figures(self) -> Mapping[str, int]:
        """What is under way on the connection: messages, and where the library tells, bytes."""

    @property
    def dropped(self) -> Mapping[str, int]:
        """Messages that were never sent, by topic."""

    def start(self) -> None:
        """Connect, announce the device, and stay connected until `close`."""

    def publish(self, kind: Topic, payload: str | bytes) -> None:
        """Send soon: state (retained topics) as soon as there is a connection, news only while it is news, and once."""

    def close(self, seconds: float = 1.0) -> None:
        """Send what waits and ``stopped``, and part, within ``seconds``."""
