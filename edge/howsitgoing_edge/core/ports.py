"""What the agent needs of the outside, as small protocols; the rooms implement them, ``app.py`` joins them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from howsitgoing_edge.core.types import Face, Frame, Pixels, Scores

MessageT = TypeVar("MessageT", contravariant=True)  # noqa: PLC0105  reads as what it is


class FrameSource(Protocol):
    """An open camera or clip. Used by one thread."""

    @property
    def description(self) -> str:
        """For people, e.g. ``webcam /dev/video0, 640x480``."""

    @property
    def live(self) -> bool:
        """True: frames arrive in real time whether they are read or not. False: a clip that waits."""

    def read(self) -> Frame | None:
        """The next frame, waiting for it if need be; None at the end of a clip.

        Raises:
            CameraError: no frame could be had; the source must be closed and opened again.
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


class Classifier(Protocol):
    """Reads one crop. Used by one thread."""

    def score(self, crop: Pixels) -> Scores:
        """Calibrated scores of a (48, 48) gray crop."""


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
