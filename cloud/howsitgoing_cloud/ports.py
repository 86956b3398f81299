"""What the cloud side needs of the outside, as protocols; adapters implement them, tests drive the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from howsitgoing_cloud._contract import Sample


class Dashboard(Protocol):
    """The carer's dashboard."""

    def push(self, token: str, values: dict[str, object]) -> None:
        """Show ``values`` (datastream -> value, e.g. ``{"V1": 3, "V2": "happy"}``), all of them in one message.

        Raises:
            TransientError: try again later.
            PermanentError: a person must act, e.g. the token is refused.
        """

    def log_event(self, token: str, code: str, description: str) -> None:
        """Tell the carer at once, by an event named ``code``. Raises as `push`."""


class Secrets(Protocol):
    """Where tokens lie."""

    def get(self, name: str) -> str:
        """The secret.

        Raises:
            TransientError: not to be had just now.
            PermanentError: there is none of that name, or it may not be read.
        """


@dataclass(frozen=True)
class Alert:
    """Something the carer is told at once."""

    code: str
    """Name of the event in the dashboard's template, e.g. ``distress``"""
    description: str


@dataclass(frozen=True)
class Verdict:
    """What a rule makes of one sample."""

    memory: dict[str, Any] = field(default_factory=dict)
    """Kept in ``devices/{id}.pushed.memory`` until the next sample: plain JSON values only"""
    alerts: tuple[Alert, ...] = ()


class Rule(Protocol):
    """When the carer is told at once. Pure: called again if two samples meet, and only for samples newer than the last."""

    def __call__(self, memory: Mapping[str, Any], sample: Sample, now: datetime) -> Verdict:
        """``memory`` is that of the verdict before, empty at first."""
