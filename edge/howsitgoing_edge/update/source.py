"""Where newer networks lie: a folder of a web server, or of this machine. Nothing that comes from it is believed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from howsitgoing_edge.errors import TransientError
from howsitgoing_edge.update.channel import FILE, MAX_CHANNEL_BYTES, BundleFile

CHANNEL_SECONDS: Final = 20.0
BUNDLE_SECONDS: Final = 180.0
_TRIES: Final = 3
Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all)."""


class Get(Protocol):
    """Fetches one file, within a size and a time."""

    def __call__(self, url: str, *, most: int, timeout: float, progress: Progress) -> bytes:
        """The content at ``url``.

        Raises:
            TransientError: not now; another try may do.
            PermanentError: there is no such file, or it is longer than ``most`` bytes.
        """


class Source:
    """One folder. Blocks."""

    def __init__(self, url: str, get: Get) -> None:
        """``url``: of the folder, without a slash at its end."""
        self.url = url
        self._get = get

    def channel(self) -> bytes:
        """What ``latest.json`` holds. Raises as `Get`."""
        return self._tried(FILE, MAX_CHANNEL_BYTES, CHANNEL_SECONDS, lambda _done, _all: None)

    def bundle(self, file: BundleFile, progress: Progress) -> bytes:
        """The archive; never more bytes than ``file`` has. Raises as `Get`."""
        return self._tried(file.file, file.size, BUNDLE_SECONDS, progress)

    def _tried(self, name: str, most: int, timeout: float, progress: Progress) -> bytes:
        import stamina  # not needed before the first look

        for attempt in stamina.retry_context(on=TransientError, attempts=_TRIES, wait_initial=1.0, wait_max=5.0, timeout=None):
            with attempt:
                return self._get(f"{self.url}/{name}", most=most, timeout=timeout, progress=progress)
        raise AssertionError("stamina raises what the last try raised")
