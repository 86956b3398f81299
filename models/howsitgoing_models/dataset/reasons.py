"""Why a document does not become a sample of the dataset; each is counted, and what is wrong is listed, too."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """One for each document left out: the first that holds."""

    UNKNOWN_SCHEMA = "unknown_schema"
    BROKEN_DOCUMENT = "broken_document"
    ID_DIFFERS = "id_differs"
    UNKNOWN_LABEL = "unknown_label"
    EXPIRED = "expired"
    ERASED = "erased"
    NOT_IN_TIME = "not_in_time"
    OTHER_DEVICE = "other_device"
    OTHER_CONSENT = "other_consent"
    OTHER_LABEL_SOURCE = "other_label_source"
    OTHER_MODEL = "other_model"
    NOT_READABLE = "not_readable"
    UNCHANGED = "unchanged"
    NO_PICTURE = "no_picture"
    CROP_MISSING = "crop_missing"
    CROP_BROKEN = "crop_broken"
    CROP_DIFFERS = "crop_differs"
    DUPLICATE_ID = "duplicate_id"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    TRACK_FULL = "track_full"
    NO_PLACE_IN_FORM = "no_place_in_form"


CAPTIONS: Final = {
    Reason.UNKNOWN_SCHEMA: "of an older or unknown schema",
    Reason.BROKEN_DOCUMENT: "a field is missing or wrong",
    Reason.ID_DIFFERS: "says another id than its name: a copy",
    Reason.UNKNOWN_LABEL: "a label, vote or source outside the list",
    Reason.EXPIRED: "expired",
    Reason.ERASED: "erased, by device or consent",
    Reason.NOT_IN_TIME: "outside the time asked for",
    Reason.OTHER_DEVICE: "of another device",
    Reason.OTHER_CONSENT: "by another consent",
    Reason.OTHER_LABEL_SOURCE: "labelled by others",
    Reason.OTHER_MODEL: "read by another model",
    Reason.NOT_READABLE: "less readable than asked for",
    Reason.UNCHANGED: "already in the export before, unchanged",
    Reason.NO_PICTURE: "without a picture: moods alone were shared",
    Reason.CROP_MISSING: "its picture is not in Storage",
    Reason.CROP_BROKEN: "its picture is no usable JPEG",
    Reason.CROP_DIFFERS: "its picture is another than the document says (SHA-256)",
    Reason.DUPLICATE_ID: "the same id came twice",
    Reason.DUPLICATE: "the same picture as another",
    Reason.NEAR_DUPLICATE: "nearly the same picture as another",
    Reason.TRACK_FULL: "more of one track than asked for",
    Reason.NO_PLACE_IN_FORM: "without an emotion as label, which this form cannot say",
}

LISTED: Final = frozenset(
    {
        Reason.UNKNOWN_SCHEMA,
        Reason.BROKEN_DOCUMENT,
        Reason.ID_DIFFERS,
        Reason.UNKNOWN_LABEL,
        Reason.CROP_MISSING,
        Reason.CROP_BROKEN,
        Reason.CROP_DIFFERS,
    }
)
"""Something is wrong: named one by one in left-out.csv"""


class LeftOut(Exception):  # noqa: N818  not an error: most are filtered
    """This document does not come out."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """``detail`` is for people."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
