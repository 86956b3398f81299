"""How faces are given to reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shown(StrEnum):
    """When a reviewer sees what the network said."""

    AFTER = "after"
    """After the first choice, or when asked for"""
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Rules:
    """How faces are given out."""

    wanted: int = 2
    """Reviewers for each face"""
    per_track: int = 5
    shown: Shown = Shown.AFTER
