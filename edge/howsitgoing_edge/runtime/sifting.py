"""Which frames of a camera are worth decoding, and which are not to be believed."""

from __future__ import annotations

import zlib

from howsitgoing_edge.core.types import Frame


class Stillness:
    """Notices that a camera gives the very same picture; sensors are never that quiet. Outlives the readers of one camera."""

    def __init__(self, limit: float) -> None:
        """``limit``: seconds of the same picture."""
        self._limit = limit
        self._print: int | None = None
        self._since = 0.0
        self.frozen = False

    def begin(self, now: float) -> None:
        """A camera was opened: the same old picture has its time anew, but is not believed until it changes."""
        self._since = now

    def see(self, frame: Frame) -> bool:
        """True: too long the same."""
        print_ = zlib.crc32(frame.image[::4, ::4].tobytes())
        if print_ != self._print:
            self._print, self._since, self.frozen = print_, frame.time, False
            return False
        too_long = frame.time - self._since >= self._limit
        self.frozen |= too_long
        return too_long


class Thinning:
    """Chooses the frames to be decoded so that about ``fps`` remain, evenly."""

    def __init__(self, fps: float) -> None:
        """``fps`` may be set at any time, by any thread."""
        self.fps = fps
        self._last = float("-inf")  # on the even grid, not as late as it came

    def wants(self, now: float) -> bool:
        """Whether the frame taken at ``now`` is one of them."""
        step = 1 / self.fps
        due = self._last + step
        if now < due - 0.2 * step:  # cameras are not that punctual
            return False
        self._last = due if now - due < step else now
        return True
