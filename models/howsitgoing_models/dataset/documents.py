"""A document of Firestore -> a row, or why it does not become one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from howsitgoing_models.dataset.reasons import LeftOut, Reason
from howsitgoing_models.dataset.row import LABELS, SOURCES, Row
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS

EVENT_SCHEMA: Final = 1
_STATES: Final = (*EMOTIONS, "none", "unsure")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_JUMP: Final = timedelta(minutes=10)
"""A device whose clock says later than the cloud's by more has a clock that jumped"""
_LATE: Final = timedelta(days=60)
"""An outbox that waited longer than this is less likely than a clock that went wrong"""


def read(name: str, content: Mapping[str, Any]) -> tuple[Row, Mapping[str, Any] | None]:
    """The row, without split and picture, and where its picture lies: ``{bucket, path}``; None: moods alone were shared.

    Args:
        name: of the document.
        content: its fields.

    Raises:
        LeftOut: it is of another schema, a field is missing or wrong, or it is a copy of another document.
    """
    try:
        event = content["event"]
        if event.get("schema") != EVENT_SCHEMA or isinstance(event["schema"], bool):
            raise LeftOut(Reason.UNKNOWN_SCHEMA, f"schema {event.get('schema')!r}"[:60])
        if event["id"] != name:
            raise LeftOut(Reason.ID_DIFFERS, f"its id is {event['id']!r}"[:80])
        row = {**_event(event), **_label(content.get("label") or {}), **_votes(content.get("votes") or {})}
        row["device_id"] = _text(content["device_id"])
        row["received_at"], row["expires_at"] = _time(content["received_at"]), _time(content["expires_at"])
        image = content.get("image")
        if image is not None:
            row |= {"sha256": _matching(_SHA256, image["sha256"]), "width": int(image["width"]), "height": int(image["height"])}
            image = {"bucket": _text(image["bucket"]), "path": _text(image["path"])}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise LeftOut(Reason.BROKEN_DOCUMENT, what[:120]) from error
    return row, image


def clock_jumped(row: Row) -> bool:
    """Whether the device's times cannot be right: after the sample came in, long before, or noticed before it happened."""
    changed, noticed, received = (moment(row[name]) for name in ("changed_at", "noticed_at", "received_at"))
    return noticed < changed or noticed > received + _JUMP or changed < received - _LATE


def moment(text: str) -> datetime:
    """RFC 3339 -> an aware datetime."""
    return datetime.fromisoformat(text).astimezone(UTC)


def to_text(time: datetime) -> str:
    """An aware datetime -> RFC 3339, UTC, microseconds: as Firestore keeps it, so that none is rounded over a limit."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _event(event: Mapping[str, Any]) -> Row:
    consent, scores = event["consent"], event["scores"]
    readable = event.get("readable")
    return {
        "id": _matching(_ID, event["id"]),
        "prediction": _one_of(_STATES, event["emotion"]),
        "confidence": _share(event["confidence"]),
        **{f"score_{name}": _share(scores.get(name, 0.0)) for name in EMOTIONS},
        "readable": None if readable is None else _share(readable),
        "previous": _one_of(_STATES, event["previous"]),
        "reason": _text(event["reason"]),
        "changed_at": _time(event["changed_at"]),
        "noticed_at": _time(event["noticed_at"]),
        "session": _text(event["session"]),
        "track": int(event["track"]),
        "model_id": _text(event["model"]["id"]),
        "model_sha256": _text(event["model"]["sha256"]),
        "consent_scope": _text(consent["scope"]),
        "consent_reference": _text(consent["reference"]) if consent.get("reference") else None,
    }


def _label(label: Mapping[str, Any]) -> Row:
    value, source = label.get("value"), label.get("source", "none")
    if source not in SOURCES or (value is not None and value not in LABELS):
        raise LeftOut(Reason.UNKNOWN_LABEL, f"{value!r} by {source!r}"[:80])
    if (value is None) != (source == "none"):
        raise LeftOut(Reason.UNKNOWN_LABEL, f"{value!r} by {source!r}: a label has a source, and a source a label")
    at, who = label.get("at"), label.get("by")
    return {
        "label": value,
        "label_source": source,
        "label_by": None if who is None else _text(who),
        "label_at": None if at is None else _time(at),
    }


def _votes(votes: Mapping[str, Any]) -> Row:
    """``votes``: pseudonym of a reviewer -> {value, at}: one vote each, the last one."""
    counts = dict.fromkeys((f"votes_{name}" for name in CROWD_OUTPUTS), 0)
    for vote in votes.values():
        if vote["value"] not in LABELS:
            raise LeftOut(Reason.UNKNOWN_LABEL, f"a vote for {vote['value']!r}"[:80])
        counts[f"votes_{vote['value']}"] += 1
    return dict(counts)


def _time(value: object) -> str:
    """Firestore's own times and RFC 3339 alike."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError(f"time {value!s:.40} has no offset")
    return to_text(time)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r:.40} is no text")
    return value


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not pattern.fullmatch(_text(value)):
        raise ValueError(f"{value!r:.80} has another form than expected")
    return str(value)


def _one_of(known: tuple[str, ...], value: object) -> str:
    if value not in known:
        raise ValueError(f"{value!r:.40} is none of {', '.join(known)}")
    return str(value)


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{value!r:.40} is not between 0 and 1")
    return float(value)
