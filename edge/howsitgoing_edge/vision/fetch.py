"""Get the bytes of one file: from a folder, or over HTTP within a time and a size."""

from __future__ import annotations

import http.client
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from howsitgoing_edge import __version__
from howsitgoing_edge.errors import ModelError, TransientError

Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all)."""
_CHUNK: Final = 1 << 16
_GONE: Final = (404, 410)


def copy(path: Path, most: int) -> bytes:
    """The content of a file of at most ``most`` bytes.

    Raises:
        ModelError: it cannot be read, or is longer.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error
    return _bounded(content, most, str(path))


def download(url: str, *, most: int, timeout: float, progress: Progress, secure: bool = True) -> bytes:
    """The content at ``url``.

    Args:
        url: where.
        most: bytes; a longer answer is cut off and refused.
        timeout: seconds for all of it, names and connection included.
        progress: told of the bytes that have come, on another thread.
        secure: https alone will do, redirects included.

    Raises:
        TransientError: not reachable, too slow, or broken off; another try may do.
        ModelError: there is no such file, it is longer than ``most``, or not to be had by https.
    """
    if secure and urlsplit(url).scheme != "https":
        raise ModelError(f"{url} is refused: only https is used")
    answer: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
    host, until = urlsplit(url).hostname or url, time.monotonic() + timeout

    def work() -> None:
        try:
            answer.put(_read(url, most, until, progress, secure=secure))
        except (OSError, http.client.HTTPException, ModelError, ValueError) as error:
            answer.put(error)

    # A thread of its own because looking up a name cannot be told to hurry; it is left behind if it hangs.
    threading.Thread(target=work, name="download", daemon=True).start()
    try:
        found = answer.get(timeout=timeout)
    except queue.Empty:
        raise TransientError(f"{host} did not answer within {timeout:g} s: is this machine online?") from None
    if isinstance(found, bytes):
        return found
    if isinstance(found, ModelError):
        raise found
    if isinstance(found, urllib.error.HTTPError) and found.code in _GONE:
        raise ModelError(f"{url} is not there any more ({found.code})") from found
    reason = getattr(found, "reason", None) or found
    raise TransientError(f"{host} cannot be reached ({reason}): is this machine online, and its clock right?") from found


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Refuses to be led from https to anything else."""

    def redirect_request(  # noqa: PLR0917  the library's own signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise ModelError(f"{req.full_url} leads to {newurl}, which is refused: only https is used")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read(url: str, most: int, until: float, progress: Progress, *, secure: bool) -> bytes:
    opener = urllib.request.build_opener(*([_NoDowngrade()] if secure else []))
    request = urllib.request.Request(url, headers={"User-Agent": f"howsitgoing/{__version__}"})  # noqa: S310  checked by download
    with opener.open(request, timeout=max(0.1, until - time.monotonic())) as response:
        content = bytearray()
        while chunk := response.read(_CHUNK):
            content += chunk
            progress(min(len(content), most), most)
            if len(content) > most:
                break
            if time.monotonic() > until:
                raise TimeoutError("too slow")
        if len(content) < int(response.headers.get("Content-Length") or 0):
            raise ConnectionError("the connection broke off")
    return _bounded(bytes(content), most, url)


def _bounded(content: bytes, most: int, where: str) -> bytes:
    if len(content) > most:
        raise ModelError(f"{where} is longer than the {most} bytes expected: not the right file")
    return content
