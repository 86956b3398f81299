"""Is this the JPEG that the event describes, and nothing else? Looked at before it is decoded, so that no bomb goes off."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import Final

from howsitgoing_cloud import problems
from howsitgoing_cloud._contract import FacePicture
from howsitgoing_cloud.problems import Refused

MAX_BYTES: Final = 1_000_000
"""A crop of 1024 x 1024 at high quality is below 600 kB."""

_SOI, _EOI, _SOS, _COM, _TEM = 0xD8, 0xD9, 0xDA, 0xFE, 0x01
_APP0, _APP14, _APP15 = 0xE0, 0xEE, 0xEF
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, by Huffman: all that cameras and libraries write"""
_OTHER_FRAMES: Final = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS: Final = range(0xD0, 0xD8)
_JFIF_WITHOUT_THUMBNAIL: Final = 16
_SHORTEST_FRAME: Final = 8


def check_face(data: bytes, described: FacePicture) -> None:
    """Take it, or say why not.

    Raises:
        Refused: another size, hash or format, broken, or with something beside the picture in it (EXIF, comments, thumbnails).
    """
    if len(data) > MAX_BYTES:
        raise Refused(problems.TOO_LARGE, f"the face has {len(data)} bytes; at most {MAX_BYTES} are taken")
    if hashlib.sha256(data).hexdigest() != described.sha256:
        raise Refused(problems.BAD_FACE, "its SHA-256 is not the one in the event")
    width, height = _size_without_decoding(data)
    if (width, height) != (described.width, described.height):
        raise Refused(problems.BAD_FACE, f"it has {width}x{height} pixels, the event says {described.width}x{described.height}")
    _decode(data)


def _size_without_decoding(data: bytes) -> tuple[int, int]:
    """Width and height by its headers; refuses what is no JPEG, and what carries more than a picture."""
    if data[:2] != b"\xff\xd8":
        raise Refused(problems.BAD_FACE, "it is not a JPEG")
    place, size = 2, None
    while True:
        marker, place = _marker(data, place)
        if marker == _EOI:
            break
        if marker in _RESTARTS or marker in {_TEM, _SOI}:
            raise Refused(problems.BAD_FACE, "its parts are in an order that no JPEG has")
        length = int.from_bytes(data[place : place + 2])
        if length < 2 or place + length > len(data):  # noqa: PLR2004  the length counts its own two bytes
            raise Refused(problems.BAD_FACE, "it ends in the middle")
        part = data[place + 2 : place + length]
        _check_metadata(marker, length, part)
        if marker in _FRAMES:
            if size is not None or length < _SHORTEST_FRAME:
                raise Refused(problems.BAD_FACE, "it has more than one picture in it, or a broken one")
            size = int.from_bytes(part[3:5]), int.from_bytes(part[1:3])
        place += length
        if marker == _SOS:
            place = _end_of_scan(data, place)
    if size is None or place != len(data):
        raise Refused(problems.BAD_FACE, "there is no picture in it, or something behind it")
    return size


def _marker(data: bytes, place: int) -> tuple[int, int]:
    start = place
    while place < len(data) and data[place] == 0xFF:  # noqa: PLR2004  any number of fill bytes may stand before a marker
        place += 1
    if place == start or place >= len(data):
        raise Refused(problems.BAD_FACE, "it ends in the middle, or has something between its parts")
    return data[place], place + 1


def _check_metadata(marker: int, length: int, part: bytes) -> None:
    if marker in _OTHER_FRAMES:
        raise Refused(problems.BAD_FACE, "it is a JPEG of a rare kind; save it as baseline")
    if marker == _APP0 and part[:5] == b"JFIF\0" and length == _JFIF_WITHOUT_THUMBNAIL:
        return
    if marker == _APP14 and part[:5] == b"Adobe":
        return  # how its colours are meant
    if marker == _COM or _APP0 <= marker <= _APP15:
        raise Refused(problems.BAD_FACE, "it carries more than the picture (EXIF, a comment, a thumbnail); save it without")


def _end_of_scan(data: bytes, place: int) -> int:
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise Refused(problems.BAD_FACE, "it ends in the middle")
        if data[place + 1] != 0 and data[place + 1] not in _RESTARTS:
            return place
        place += 2


def _decode(data: bytes) -> None:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
                image.load()
                kind, mode = image.format, image.mode
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise Refused(problems.BAD_FACE, "it cannot be decoded") from None
    if kind != "JPEG" or mode not in {"RGB", "L"}:
        raise Refused(problems.BAD_FACE, "it must be in colour or grey, as RGB or L")
