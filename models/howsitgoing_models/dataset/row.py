"""One exported sample: the fields that every form writes, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, UNREADABLE

SCHEMA: Final = 1
"""Of rows and manifest"""
LABELS: Final = (*EMOTIONS, UNREADABLE)
"""What a label or a vote may say"""
SOURCES: Final = ("wearer", "reviewer", "none")
"""Who gave the label; a prediction is never one"""
SPLITS: Final = ("train", "validation", "test")
PICTURE: Final = "jpeg"
"""Key of the crop's bytes in a row"""

Row = dict[str, Any]
"""The fields below, with None where nothing is known, and the crop under `PICTURE`"""

FIELDS: Final[Mapping[str, type]] = {
    "id": str,
    "split": str,
    "label": str,
    "label_source": str,
    "label_by": str,
    "label_at": str,
    **{f"votes_{name}": int for name in CROWD_OUTPUTS},
    "prediction": str,
    "confidence": float,
    **{f"score_{name}": float for name in EMOTIONS},
    "readable": float,
    "previous": str,
    "reason": str,
    "changed_at": str,
    "noticed_at": str,
    "received_at": str,
    "expires_at": str,
    "device_id": str,
    "session": str,
    "track": int,
    "model_id": str,
    "model_sha256": str,
    "consent_scope": str,
    "consent_reference": str,
    "sha256": str,
    "width": int,
    "height": int,
}
"""Name -> type of each field; times are RFC 3339, in UTC"""


def group_of(row: Row) -> str:
    """Who must not stand in two splits: everybody of one consent; without one, everybody in one session of one device."""
    reference = row["consent_reference"]
    return f"consent:{reference}" if reference else f"session:{row['device_id']}/{row['session']}"


def from_text(name: str, text: str) -> Any:  # noqa: ANN401  as the field's type
    """The value that stands in a text file as ``text``; empty = None."""
    return FIELDS[name](text) if text else None
