"""Tombstones: ``erasures/{id}``, which say what was erased, so that it never comes back and no export shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from howsitgoing_cloud._contract import from_rfc3339


def device_erasure(device_id: str) -> str:
    """Name of the tombstone of what a device saw."""
    return f"device:{device_id}"


def consent_erasure(reference: str) -> str:
    """Name of the tombstone of a consent that was withdrawn."""
    return f"consent:{reference}"


def is_until(sample: Mapping[str, Any], until: datetime) -> bool:
    """Whether this document of ``samples/`` is of that time or earlier, by the device's clock or by ours: it may be ahead."""
    received = sample.get("received_at")
    return from_rfc3339(sample["event"]["noticed_at"]) <= until or (received is not None and received <= until)


@dataclass(frozen=True)
class Erasures:
    """All tombstones, for exports."""

    devices: Mapping[str, datetime]
    """Device -> what it saw until then was erased"""
    consents: frozenset[str]
    """All of these was erased"""

    def hides(self, sample: Mapping[str, Any]) -> bool:
        """Whether this document of ``samples/`` was erased, or would have been had it been there in time."""
        if sample["consent"]["reference"] in self.consents:
            return True
        until = self.devices.get(sample["device_id"])
        return until is not None and is_until(sample, until)


def erasures_of(documents: Iterable[Mapping[str, Any]]) -> Erasures:
    """Of the documents of ``erasures/``, whether done or under way."""
    rows = list(documents)
    return Erasures(
        {row["value"]: row["until"] for row in rows if row["kind"] == "device"},
        frozenset(row["value"] for row in rows if row["kind"] == "consent"),
    )
