"""What all sources of frames share."""

from __future__ import annotations

from abc import ABC, abstractmethod

from howsitgoing_edge.core.types import Frame


class Source(ABC):
    """Base of the adapters, a `FrameSource`: reading is grabbing and retrieving until a frame arrives undamaged."""

    description: str
    live: bool
    can_freeze: bool

    @abstractmethod
    def grab(self) -> float | None:
        """See `FrameSource.grab`."""

    @abstractmethod
    def retrieve(self) -> Frame | None:
        """See `FrameSource.retrieve`."""

    @abstractmethod
    def close(self) -> None:
        """See `FrameSource.close`."""

    def read(self) -> Frame | None:
        """See `FrameSource.read`."""
        while self.grab() is not None:
            frame = self.retrieve()
            if frame is not None:
                return frame
        return None
