"""Looks at a carer's dashboard with a device's token: what of the template is there, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from howsitgoing_cloud.blynk import BlynkDashboard
from howsitgoing_cloud.errors import PermanentError


class State(StrEnum):
    """How a thing is."""

    WORKS = "works"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True)
class Found:
    """One thing of the template."""

    name: str
    state: State
    what: str


TRIALS: Final[Mapping[str, tuple[str, str]]] = {
    "V0": ("recognition: Integer, 0 to 1", ""),
    "V1": ("emoticon: Integer, 0 to 8", "8"),
    "V2": ("words: String", "a test by howsitgoing-cloud"),
    "V3": ("confidence: Integer, 0 to 100", "100"),
    "V4": ("positivity: Integer, -100 to 100", "-100"),
    "V5": ("changed_at: String", "2026-01-31T12:00:00.000Z"),
    "V6": ("availability: String", "online"),
}
"""Pin -> what it should be, and a value that only fits if it is; V0 is the camera's switch, and is never tried"""
EVENTS: Final = ("mood_change", "distress")


def look(dashboard: BlynkDashboard, token: str, *, events: bool) -> Iterator[Found]:
    """Tries each datastream, and puts back what it showed; ``events``: the carer's phone is alerted by each event.

    Raises:
        TransientError: Blynk does not answer.
        PermanentError: the token is refused.
    """
    online = dashboard.is_connected(token)
    yield Found("token", State.WORKS, f"is a device's; the device itself is {'' if online else 'not '}connected")
    for pin, (what, trial) in TRIALS.items():
        yield _datastream(dashboard, token, pin, what, trial)
    for code in EVENTS if events else ():
        yield _event(dashboard, token, code)


def _datastream(dashboard: BlynkDashboard, token: str, pin: str, what: str, trial: str) -> Found:
    try:
        before = dashboard.get(token, pin)
    except PermanentError:
        return Found(pin, State.MISSING, f"add a datastream to the template: virtual pin {pin}, {what}")
    if not trial:
        return Found(pin, State.WORKS, what)
    try:
        dashboard.push(token, {pin: trial})
        after = dashboard.get(token, pin)
        if before:
            dashboard.push(token, {pin: before})
    except PermanentError:
        return Found(pin, State.WRONG, f"does not take {trial!r}; it should be {what}")
    if after not in (trial, f"{trial}.0"):
        return Found(pin, State.WRONG, f"makes {after!r} of {trial!r}; it should be {what}")
    return Found(pin, State.WORKS, what)


def _event(dashboard: BlynkDashboard, token: str, code: str) -> Found:
    try:
        dashboard.log_event(token, code, "a test by howsitgoing-cloud")
    except PermanentError:
        return Found(code, State.MISSING, f"add an event to the template with the code {code}")
    return Found(code, State.WORKS, "an event; look at the carer's phone")
