"""What the cloud's answer means for the sample that was sent. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

LONGEST_PAUSE: Final = 3600.0
"""Seconds: a server that asks for more patience than this is asked again nevertheless"""
SKEW: Final = 120.0
"""Seconds that the device's clock may differ before it is named as the cause"""
_SAMPLES_FAULT: Final = (400, 409, 413, 415, 422)
_LATER: Final = (408, 425, 429)
_SERVERS_FAULT: Final = 500
NOBODY_AGREED: Final = "consent"
_REPLAYED: Final = "replayed"
"""Something on the way has sent the request twice: the next one has a new token"""
_STORED: Final = (200, 201)
_LONGEST_WORDS: Final = 300
_UNITS: Final[tuple[tuple[int, str], ...]] = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
_MANY: Final = 1.9
"""So many hours are rather told in hours than in minutes"""


class Verdict(StrEnum):
    """What to do."""

    STORED = "stored"
    """Forget the sample"""
    REFUSED = "refused"
    """This sample is not wanted, whatever we do: set it aside"""
    LATER = "later"
    """The network or the server has a bad time: try again, with growing pauses"""
    HELD = "held"
    """No sample will be taken until a person does something: try again slowly"""


@dataclass(frozen=True)
class Answer:
    """One answer, understood."""

    verdict: Verdict
    sentence: str = ""
    """For people: what is wrong and what to do"""
    pause: float = 0.0
    """Seconds that the server asks to wait, at least"""
    code: str = ""
    """The server's own word for what is wrong"""
    status: int = 0
    """HTTP's; 0: no answer"""
    content: Mapping[str, object] | None = None
    """The JSON object in it"""


def judge(status: int, headers: Mapping[str, str], body: bytes, *, url: str, device_id: str, now: float) -> Answer:
    """What an answer says.

    Args:
        status: HTTP's.
        headers: names in any case, such as httpx.Headers.
        body: all of it.
        url: that is configured, for sentences.
        device_id: likewise.
        now: this device's clock, Unix seconds.
    """
    content = _json(body)
    code = _words(content, "code")
    detail = _words(content, "detail") or _words(content, "title") or f"HTTP {status}"
    if status in _STORED:
        if content is None:  # e.g. the page of a hotel's network
            return Answer(Verdict.HELD, f"{url} answers, but not as How's it going? does: check cloud.url")
        return Answer(Verdict.STORED, content=content)
    if status in _LATER or status >= _SERVERS_FAULT or code == _REPLAYED:
        return Answer(
            Verdict.LATER, f"the cloud has a bad time ({detail}): tried again later", _pause(headers, now), code, status
        )
    if status in _SAMPLES_FAULT or code == NOBODY_AGREED:
        return Answer(Verdict.REFUSED, detail, code=code, status=status)
    sentence = _to_do(status, code, detail, url, device_id)
    skew = _skew(headers, now)
    if status == 401 and (code == "clock" or abs(skew) > SKEW):  # noqa: PLR2004
        sentence = f"this device's clock is {_ahead(skew)}: set it, or let the network do so (timedatectl set-ntp true)"
    return Answer(Verdict.HELD, sentence, _pause(headers, now), code, status)


def _to_do(status: int, code: str, detail: str, url: str, device_id: str) -> str:
    if code == "unknown_device":
        return f"the cloud does not know {device_id} yet: 'howsitgoing cloud status' shows what its operator runs"
    if code == "signature":
        return f"the cloud knows another key of {device_id}: 'howsitgoing cloud status' shows what its operator runs"
    if code == "audience":
        return f"the cloud goes by another address than cloud.url ({detail}): set cloud.audience"
    if code == "revoked":
        return f"the cloud's operator has revoked {device_id}: ask why, or 'howsitgoing cloud share nothing'"
    if status in (401, 403):
        return f"the cloud does not let {device_id} in: {detail}"
    return f"{url} answers, but not as How's it going? does ({detail}): check cloud.url"


def _json(body: bytes) -> Mapping[str, object] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _words(content: Mapping[str, object] | None, name: str) -> str:
    value = (content or {}).get(name)
    return " ".join(value.split())[:_LONGEST_WORDS] if isinstance(value, str) else ""


def _pause(headers: Mapping[str, str], now: float) -> float:
    """``Retry-After``: seconds or a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), LONGEST_PAUSE)
    at = _date(text)
    return 0.0 if at is None else min(max(0.0, at - (now + _skew(headers, now))), LONGEST_PAUSE)


def _skew(headers: Mapping[str, str], now: float) -> float:
    """Seconds that the server's clock is ahead of ours."""
    at = _date(headers.get("date", ""))
    return 0.0 if at is None else at - now


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _ahead(skew: float) -> str:
    if not skew:
        return "wrong"
    size, unit = next(pair for pair in _UNITS if abs(skew) > _MANY * pair[0] or pair[0] == 1)
    return f"{abs(skew) / size:.0f} {unit} {'slow' if skew > 0 else 'fast'}"
