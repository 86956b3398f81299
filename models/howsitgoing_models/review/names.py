"""What may name a reviewer, a sample and a label. Pure."""

from __future__ import annotations

import re
from typing import Final

from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.errors import ParameterError

_PSEUDONYM: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SAMPLE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RESERVED: Final = ("wearer", "model", "none")
"""Who is somebody else in a label"""


def check_pseudonym(text: str) -> str:
    """The text, if it may name a reviewer.

    Raises:
        ParameterError: it may not; the message says what may.
    """
    if not _PSEUDONYM.fullmatch(text) or text in _RESERVED:
        raise ParameterError(
            f"{text[:40]!r} cannot be a reviewer's pseudonym: up to 32 of a-z, 0-9 and -, such as r1 or blue-owl; no real name"
        )
    return text


def check_sample(text: str) -> str:
    """The text, if it is a sample's id, and no path to some other document. Raises ParameterError."""
    if not _SAMPLE.fullmatch(text):
        raise ParameterError(f"{text[:40]!r} is no sample's id")
    return text


def check_label(value: str) -> str:
    """The value, if it is a label. Raises ParameterError: it is none of `LABELS`."""
    if value not in LABELS:
        raise ParameterError(f"{value[:40]!r} is no label: known are {', '.join(LABELS)}")
    return value
