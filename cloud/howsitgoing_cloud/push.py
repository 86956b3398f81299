"""Shows the newest reading of a device on its carer's dashboard; what is older than what was shown is dropped, never replayed.

Events come more than once, late, and beside each other. So each delivery first claims the device's panel, which only a newer
reading may, then pushes when it is its turn, and looks whether it is still the newest. If it is not, its values may have
arrived after the newer ones: it pushes those again. While the dashboard is down all but the newest find themselves older,
and end.

Turns are a second apart, whichever instance of the function takes them: they are booked and taken in Firestore, with the claim.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from howsitgoing_cloud._contract import STATES, ContractError, Sample, from_rfc3339, positivity
from howsitgoing_cloud.errors import PermanentError
from howsitgoing_cloud.ports import Alert, Dashboard, Rule, Secrets, Verdict
from howsitgoing_cloud.words import WORDS

BETWEEN_MESSAGES: Final = timedelta(seconds=1)
"""To one dashboard"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """``devices/{id}.pushed``: what the panel shows, or is about to."""

    id: str
    """Of the event"""
    noticed_at: str
    consent: str | None
    """Its reference, so that an erasure finds it here, too"""
    values: dict[str, object]
    alerts: tuple[Alert, ...]
    """Not told yet"""
    memory: dict[str, Any]
    """Of the rule"""
    done: bool
    at: datetime
    problem: str | None = None
    """Why it cannot be shown until a person acts"""
    turn: datetime | None = None
    """When its message may be sent"""
    sent: bool = True
    """Somebody has taken the turn; else whatever is newer inherits it"""

    def to_dict(self) -> dict[str, Any]:
        """As in the document."""
        return asdict(self) | {"alerts": [asdict(alert) for alert in self.alerts]}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Claim | None:
        """Of the document; None: of another version, or broken, and begun anew."""
        try:
            return cls(**{**content, "alerts": tuple(Alert(**alert) for alert in content["alerts"])})
        except (TypeError, KeyError):
            return None


Change = Callable[[Claim | None], Claim | None]
"""Given the claim that stands, the one to put in its place; None: leave it."""


class Panels(Protocol):
    """The claims, one a device. Everything raises TransientError or PermanentError."""

    def secret_for(self, device_id: str, sample_id: str) -> str | None:
        """Name of the secret with the token of the dashboard; None: there is none, or the sample was erased."""

    def change(self, device_id: str, change: Change) -> Claim | None:
        """Apply ``change`` in a transaction; the claim that stands now."""


@dataclass(frozen=True)
class Push:
    """The use case."""

    panels: Panels
    secrets: Secrets
    dashboard: Dashboard
    rule: Rule
    wait_until: Callable[[datetime], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, device_id: str, sample: Sample) -> bool:
        """Show it; False if there is something newer, or no dashboard.

        Raises:
            TransientError: deliver it again.
        """
        secret = self.panels.secret_for(device_id, sample.id)
        if secret is None:
            return False
        now, made = self.now(), None

        def claiming(before: Claim | None) -> Claim | None:
            nonlocal made
            made = claimed(before, sample, self.rule, now)
            return made

        claim = self.panels.change(device_id, claiming)
        if claim is None or claim.id != sample.id or claim.done:
            return False
        try:
            return self._show(self.secrets.get(secret), device_id, claim, taken=claim is made and claim.sent)
        except PermanentError as error:
            cause = str(error)
            log.warning("the dashboard refuses", extra={"fields": {"device_id": device_id, "cause": cause}})
            self.panels.change(device_id, lambda before: settled(before, claim.id, self.now(), cause))
        return True

    def _show(self, token: str, device_id: str, claim: Claim, *, taken: bool) -> bool:
        mine = claim if taken else self._my_turn(device_id, claim.id)
        if mine is None or mine.done:
            return False
        self.dashboard.push(token, mine.values)
        for alert in mine.alerts:
            self.dashboard.log_event(token, alert.code, alert.description)
        shown = mine.id
        after = self.panels.change(device_id, lambda before: settled(before, mine.id, self.now()))
        while after is not None and after.id != shown and after.sent:  # ours may have arrived after these
            again = self._my_turn(device_id, after.id)
            if again is not None:
                self.dashboard.push(token, again.values)
                shown = again.id
            after = self.panels.change(device_id, lambda before: before)
        return True

    def _my_turn(self, device_id: str, event_id: str) -> Claim | None:
        """The claim, once its message may be sent; None: there is something newer."""
        while True:
            claim = self.panels.change(device_id, partial(turned, event_id=event_id, now=self.now()))
            if claim is None or claim.id != event_id:
                return None
            if claim.sent or claim.turn is None:
                return claim
            self.wait_until(claim.turn)


def claimed(before: Claim | None, sample: Sample, rule: Rule, now: datetime) -> Claim | None:
    """The panel with this sample on it, if it is newer than what is there."""
    if before is not None and _order(sample) <= (from_rfc3339(before.noticed_at), before.id):
        return None
    verdict: Verdict = rule({} if before is None else before.memory, sample, now)
    untold = () if before is None else before.alerts
    turn = next_turn(before, now)
    return Claim(
        id=sample.id,
        noticed_at=sample.noticed_at,
        consent=sample.consent.reference,
        values=values_of(sample),
        alerts=(*untold, *verdict.alerts),
        memory=verdict.memory,
        done=False,
        at=now,
        turn=turn,
        sent=turn <= now,
    )


def next_turn(before: Claim | None, now: datetime) -> datetime:
    """When what comes after ``before`` may be sent."""
    if before is None or before.turn is None:
        return now
    return max(now, before.turn + BETWEEN_MESSAGES if before.sent else before.turn)


def turned(before: Claim | None, event_id: str, now: datetime) -> Claim | None:
    """The panel once this event has taken a turn, or booked one that is still to come."""
    if before is None or before.id != event_id:
        return None
    turn = next_turn(before, now)
    after = replace(before, turn=turn, sent=turn <= now)
    return None if after == before else after


def settled(before: Claim | None, event_id: str, now: datetime, problem: str | None = None) -> Claim | None:
    """The panel once this event is shown, or never will be."""
    if before is None or before.id != event_id:
        return None
    return replace(before, alerts=(), done=True, at=now, problem=problem)


def values_of(sample: Sample) -> dict[str, object]:
    """Blynk's datastreams: emoticon, words, confidence and positivity in percent, since when."""
    return {
        "V1": STATES.index(sample.emotion),
        "V2": WORDS[sample.emotion],
        "V3": round(sample.confidence * 100),
        "V4": round(positivity(sample.scores) * 100),
        "V5": sample.changed_at,
    }


def quiet(memory: Mapping[str, Any], sample: Sample, now: datetime) -> Verdict:
    """The rule that never tells the carer anything beside the dashboard."""
    del sample, now
    return Verdict(dict(memory))


def sample_in(content: Mapping[str, Any]) -> tuple[str, Sample]:
    """Device and sample of a document of ``samples/``.

    Raises:
        PermanentError: it is none of ours.
    """
    try:
        return str(content["device_id"]), Sample.from_dict(dict(content["event"]))
    except (KeyError, TypeError, ContractError) as error:
        raise PermanentError(f"a sample that cannot be read ({type(error).__name__})") from error


def _order(sample: Sample) -> tuple[datetime, str]:
    return from_rfc3339(sample.noticed_at), sample.id
