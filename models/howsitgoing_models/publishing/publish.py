"""The archive first, then the channel that points to it: a device never hears of what is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from howsitgoing_models.errors import PublishError
from howsitgoing_models.publishing import archive
from howsitgoing_models.publishing.shelf import Shelf
from howsitgoing_models.publishing.signing import CHANNEL, opened, signed
from howsitgoing_models.release.bundle import sha256

CHANNEL_FILE: Final = "latest.json"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_VERSION: Final = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")
_LONGEST_NOTES: Final = 255
Published = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What is said of a network beside what it is."""

    minimum_agent: str
    """Oldest version of the agent that may use it"""
    valid: timedelta
    """How long devices may believe the channel; renew it in time"""
    notes: str = ""
    """For people, at most 255 characters"""


def publish(
    shelf: Shelf, model: Path, golden: Path, keys: Sequence[Ed25519PrivateKey], terms: Terms, *, now: datetime | None = None
) -> Published:
    """Have devices use the model in the folder ``model``; what the channel says from now on.

    Raises:
        BundleError: the model is broken.
        PublishError: the terms cannot be, the channel there is another's, or the place cannot be written.
    """
    if not _VERSION.fullmatch(terms.minimum_agent):
        raise PublishError(f"--minimum-agent {terms.minimum_agent[:40]}: a version such as 0.1.0")
    if len(terms.notes) > _LONGEST_NOTES:
        raise PublishError(f"--notes has {len(terms.notes)} characters: at most {_LONGEST_NOTES} are shown")
    before = _channel(shelf, keys)
    description, files = archive.content(model, golden)
    if not _ID.fullmatch(description.id):
        raise PublishError(f"the model's id {description.id[:80]!r} cannot be a file's name: letters, digits, dot, _ and -")
    packed = archive.pack(description.id, files, terms.minimum_agent, keys)
    name = f"{description.id}-{sha256(packed)[:8]}.zip"
    if before is not None and before["model"] == description.id:
        earlier = shelf.get(before["bundle"]["file"])
        if earlier is not None and archive.differs(earlier, files):
            raise PublishError(
                f"{description.id} is published already, with another content: devices that have it would not look again;"
                " calibrate anew, which gives it a new id"
            )
    if shelf.get(name) != packed:
        shelf.put(name, packed)
    said = {
        "model": description.id,
        "bundle": {"file": name, "size": len(packed), "sha256": sha256(packed)},
        "minimum_agent": terms.minimum_agent,
        "notes": terms.notes,
    }
    return _say(shelf, _next(said, before, terms.valid, now), keys)


def renew(shelf: Shelf, keys: Sequence[Ed25519PrivateKey], valid: timedelta, *, now: datetime | None = None) -> Published:
    """Let the channel go on saying what it says; what it says from now on.

    Raises:
        PublishError: there is none, it is another's, or the place cannot be written.
    """
    before = _channel(shelf, keys)
    if before is None:
        raise PublishError(f"there is no {CHANNEL_FILE} to renew: publish a model first")
    said = {name: before[name] for name in ("model", "bundle", "minimum_agent", "notes")}
    return _say(shelf, _next(said, before, valid, now), keys)


def _channel(shelf: Shelf, keys: Sequence[Ed25519PrivateKey]) -> Published | None:
    found = shelf.get(CHANNEL_FILE)
    if found is None:
        return None
    content: Published = json.loads(opened(found, CHANNEL, keys, CHANNEL_FILE))
    return content


def _next(said: Published, before: Published | None, valid: timedelta, now: datetime | None) -> Published:
    at = now or datetime.now(UTC)
    return {
        "schema": 1,
        "sequence": 1 if before is None else int(before["sequence"]) + 1,
        "published_at": _text(at),
        "expires_at": _text(at + valid),
        **said,
    }


def _say(shelf: Shelf, channel: Published, keys: Sequence[Ed25519PrivateKey]) -> Published:
    shelf.put(CHANNEL_FILE, signed(json.dumps(channel, indent=1).encode() + b"\n", CHANNEL, keys))
    return channel


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
