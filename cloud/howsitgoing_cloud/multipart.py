"""The two parts of ``POST /v1/samples``, out of a body that is already read and bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from howsitgoing_cloud import problems
from howsitgoing_cloud.problems import Refused

MEDIA_TYPES: Final = {"event": "application/json", "face": "image/jpeg"}
MAX_BOUNDARY: Final = 70
"""RFC 2046"""


@dataclass(frozen=True)
class Parts:
    """What was sent."""

    event: bytes
    face: bytes | None


def split(content_type: str | None, body: bytes) -> Parts:
    """The parts of ``body``.

    Raises:
        Refused: another media type, or not parts ``event`` and, where there is one, ``face``, each once.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        raise Refused(problems.MEDIA, "send multipart/form-data with a part 'event', and 'face' where there is one")
    boundary = options.get("boundary", "")
    if not 0 < len(boundary) <= MAX_BOUNDARY or not boundary.isascii():
        raise Refused(problems.BAD_REQUEST, "Content-Type names no usable boundary")
    parts = _read(boundary.encode(), body)
    if "event" not in parts:
        raise Refused(problems.BAD_REQUEST, "the part 'event' is missing")
    return Parts(bytes(parts["event"]), bytes(parts["face"]) if "face" in parts else None)


def _read(boundary: bytes, body: bytes) -> dict[str, bytearray]:
    decoder = MultipartDecoder(boundary, max_parts=len(MEDIA_TYPES))
    parts: dict[str, bytearray] = {}
    name = ""
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, NeedData):
                raise Refused(problems.BAD_REQUEST, "the body ends before its last boundary")
            if isinstance(event, Field | File):
                name = _checked_name(event.name, event.headers, parts)
                parts[name] = bytearray()
            elif isinstance(event, Data):
                parts[name] += event.data
    except RequestEntityTooLarge:
        raise Refused(problems.BAD_REQUEST, f"more than {len(MEDIA_TYPES)} parts") from None
    except (ValueError, KeyError, LookupError):
        raise Refused(problems.BAD_REQUEST, "the body is not multipart/form-data as it says") from None
    return parts


def _checked_name(name: str | None, headers: Headers, before: dict[str, bytearray]) -> str:
    if name not in MEDIA_TYPES or name in before:
        raise Refused(problems.BAD_REQUEST, f"expected each of the parts {', '.join(MEDIA_TYPES)} at most once, and no other")
    kind, _ = parse_options_header(headers.get("content-type"))
    if kind != MEDIA_TYPES[name]:
        raise Refused(problems.MEDIA, f"the part '{name}' must be {MEDIA_TYPES[name]}")
    return name
