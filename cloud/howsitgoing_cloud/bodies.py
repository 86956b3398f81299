"""Reads the body of a request: bounded, and to its end, so that a client that sends too much hears why."""

from __future__ import annotations

import hashlib
from typing import IO, Final

from werkzeug.exceptions import ClientDisconnected

from howsitgoing_cloud import jpeg, problems
from howsitgoing_cloud._contract import MAX_PAYLOAD_BYTES
from howsitgoing_cloud.problems import Refused

MAX_BODY: Final = jpeg.MAX_BYTES + MAX_PAYLOAD_BYTES + 8192
"""A face, an event, and what holds them together"""
MAX_READ: Final = 40_000_000
"""Cloud Run takes no more than 32 MiB over HTTP/1; what is longer still is cut off."""
_CHUNK: Final = 65_536


def read_body(stream: IO[bytes]) -> tuple[bytes, str]:
    """The body, and its SHA-256 in hexadecimal.

    Raises:
        Refused: it is too large (it has been read and thrown away, so that the answer arrives), or the client went away.
    """
    kept, length = bytearray(), 0
    try:
        while length <= MAX_READ and (chunk := stream.read(_CHUNK)):
            length += len(chunk)
            if length <= MAX_BODY:
                kept += chunk
            else:
                kept.clear()
    except (OSError, ClientDisconnected):
        raise Refused(problems.BAD_REQUEST, "the body ended before its Content-Length") from None
    if length > MAX_BODY:
        raise Refused(problems.TOO_LARGE, f"at most {MAX_BODY} bytes are taken")
    return bytes(kept), hashlib.sha256(kept).hexdigest()
