"""The golden payloads of the event contract, for the tests of every reader: edge, cloud and Home Assistant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parent.parent / "contract" / "golden"
REQUESTS = GOLDEN / "requests"


@dataclass(frozen=True)
class Golden:
    """One payload as it comes from the broker."""

    case: str
    """For test ids, e.g. ``mood.nobody``"""
    topic: str
    """Last part of the topic, e.g. ``mood``"""
    payload: bytes
    error: str | None = None
    """None: every reader takes it. Else: part of the sentence that a reader refuses it with."""


def accepted() -> list[Golden]:
    """Payloads that every reader of version 1 takes: what we send, what older and newer devices send, what people type."""
    return [Golden(f.stem, f.stem.split(".")[0], f.read_bytes()) for f in sorted(GOLDEN.glob("*.json")) if f.stem != "refused"]


def accepted_requests() -> list[Golden]:
    """The same for what devices send to the cloud; only the edge and the cloud read it."""
    return [
        Golden(f.stem, f.stem.split(".")[0], f.read_bytes()) for f in sorted(REQUESTS.glob("*.json")) if f.stem != "refused"
    ]


def refused_requests() -> list[Golden]:
    """Requests that are refused, with the reason; each is a good one with other values."""
    good = json.loads((REQUESTS / "sample.json").read_text())
    rows = json.loads((REQUESTS / "refused.json").read_text())
    return [Golden(row["case"], "sample", json.dumps(good | row["but"]).encode(), row["error"]) for row in rows]


def refused() -> list[Golden]:
    """Payloads that every reader refuses, with the reason. Long ones are kept as parts: a text, or [text, how often]."""
    rows = json.loads((GOLDEN / "refused.json").read_text())
    return [Golden(row["case"], row["topic"], _joined(row["payload"]).encode(), row["error"]) for row in rows]


def _joined(payload: str | list[str | list[Any]]) -> str:
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in payload)
