"""When the carer is alerted: a rule over readings, with the time as an argument."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from howsitgoing_cloud._contract import STATES, Consent, Model, Sample, to_rfc3339
from howsitgoing_cloud.distress import EVENTS_A_DAY, KEPT_FOR_DISTRESS, DistressRule
from howsitgoing_cloud.settings import read_settings

START = 1_790_000_000.0
MINUTE = 60.0
DAY = 86_400.0


class Carer:
    """What a rule tells of readings that come one after another; its memory goes through JSON, as through Firestore."""

    def __init__(self, rule: DistressRule | None = None) -> None:
        self.rule = rule or DistressRule()
        self.memory: dict[str, Any] = {}
        self.told: list[tuple[float, str, str]] = []

    def sees(self, emotion: str, at: float, *, reason: str = "change", late: float = 0.0) -> None:
        """A reading ``at`` seconds after the start, delivered ``late`` seconds later."""
        verdict = self.rule(self.memory, _sample(emotion, at, reason), datetime.fromtimestamp(START + at + late, UTC))
        self.memory = json.loads(json.dumps(verdict.memory))
        self.told += [(at, alert.code, alert.description) for alert in verdict.alerts]


@pytest.mark.parametrize(("emotion", "words"), [("sad", "looks sad"), ("angry", "looks angry"), ("fear", "looks afraid")])
def test_distress_that_lasts_is_told_once(emotion: str, words: str) -> None:
    """Not at its first sign, and not again at each reading."""
    carer = Carer()
    carer.sees(emotion, 0)
    for minute in range(1, 12):
        carer.sees(emotion, minute * MINUTE, reason="random")
    assert carer.told == [(5 * MINUTE, "distress", f"{words} (5 min)")]


def test_from_one_distress_to_another_is_still_distress() -> None:
    """Angry, then sad: the same bad quarter of an hour."""
    carer = Carer()
    carer.sees("angry", 0)
    carer.sees("sad", 3 * MINUTE)
    carer.sees("sad", 6 * MINUTE, reason="random")
    assert [text for *_, text in carer.told] == ["looks sad (6 min)"]


def test_what_ends_before_its_time_is_not_told() -> None:
    """Children are sad for a minute."""
    carer = Carer()
    carer.sees("sad", 0)
    carer.sees("happy", 4 * MINUTE)
    carer.sees("sad", 5 * MINUTE)
    carer.sees("happy", 9 * MINUTE)
    assert carer.told == []


def test_a_brave_smile_does_not_end_it() -> None:
    """Nor does turning away for a moment."""
    carer = Carer()
    carer.sees("sad", 0)
    for brief in ("happy", "unsure", "none"):
        carer.sees(brief, 2 * MINUTE)
        carer.sees("sad", 2 * MINUTE + 10)
    carer.sees("sad", 5.5 * MINUTE, reason="random")
    assert [code for _, code, _ in carer.told] == ["distress"]


def test_distress_that_nobody_looked_at_meanwhile_is_told_at_its_end() -> None:
    """Between two changes there may be no reading at all."""
    carer = Carer()
    carer.sees("sad", 0)
    carer.sees("neutral", 12 * MINUTE)
    assert carer.told == [(12 * MINUTE, "distress", "looks sad (12 min)")]


def test_it_is_told_again_after_a_pause() -> None:
    """A day of it is not one alert, nor a hundred."""
    carer = Carer(DistressRule(after_s=300, pause_s=1800))
    carer.sees("sad", 0)
    for minute in range(1, 121):
        carer.sees("sad", minute * MINUTE, reason="random")
    assert [at / MINUTE for at, *_ in carer.told] == [5, 35, 65, 95]


def test_changes_are_told_only_on_request_and_leave_some_for_distress() -> None:
    """Blynk lets a hundred through a day; the last thirty are kept."""
    silent, talkative = Carer(), Carer(DistressRule(changes=True))
    for number in range(200):
        for carer in (silent, talkative):
            carer.sees(("happy", "neutral")[number % 2], number * 10)
    talkative.sees("sad", 3000)
    talkative.sees("sad", 3400, reason="random")
    assert silent.told == []
    codes = [code for _, code, _ in talkative.told]
    assert codes == ["mood_change"] * (EVENTS_A_DAY - KEPT_FOR_DISTRESS) + ["distress"]


def test_the_budget_is_new_after_a_day() -> None:
    """Twenty-four hours after each event, wherever Blynk's day begins."""
    carer = Carer(DistressRule(changes=True))
    for number in range(100):
        carer.sees(("happy", "neutral")[number % 2], number)
    carer.sees("happy", DAY + 50)
    assert len(carer.told) == EVENTS_A_DAY - KEPT_FOR_DISTRESS + 1


def test_no_more_than_blynk_takes_ever() -> None:
    """Even of distress."""
    carer = Carer(DistressRule(after_s=1, pause_s=60))
    carer.sees("sad", 0)
    for minute in range(1, 24 * 60):
        carer.sees("sad", minute * MINUTE, reason="random")
    assert len(carer.told) == EVENTS_A_DAY


def test_what_is_delivered_late_alerts_nobody() -> None:
    """A device that was offline for the night hands its evening in at breakfast."""
    carer = Carer(DistressRule(changes=True))
    carer.sees("sad", 0, late=8 * 3600)
    carer.sees("sad", 10 * MINUTE, reason="random", late=8 * 3600)
    assert carer.told == []


@pytest.mark.parametrize("events", ["none", "distress", "all"])
def test_the_rule_is_as_configured(events: str) -> None:
    """By environment variables of the function."""
    settings = read_settings(project="p", blynk_events=events, distress_minutes=2)
    carer = Carer(DistressRule.of(settings))
    carer.sees("sad", 0)
    carer.sees("sad", 2 * MINUTE, reason="random")
    expected = {"none": [], "distress": ["distress"], "all": ["mood_change", "distress"]}[events]
    assert [code for _, code, _ in carer.told] == expected


def test_what_another_version_remembered_does_no_harm() -> None:
    """Functions are updated while a device is sad."""
    carer = Carer()
    carer.memory = {"since": START, "looks": "sad", "colour": "blue"}
    carer.sees("sad", 6 * MINUTE, reason="random")
    assert [code for _, code, _ in carer.told] == ["distress"]


def _sample(emotion: str, at: float, reason: str) -> Sample:
    assert emotion in STATES
    scores = {} if emotion in ("none", "unsure") else {emotion: 1.0}
    when = to_rfc3339(START + at)
    ids = "01920000-0000-7000-8000-000000000000"
    return Sample(ids, reason, "neutral", emotion, 0.9, scores, when, when, 1, ids, Model("m", "0" * 64), Consent("moods"))
