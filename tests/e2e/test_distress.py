"""Distress that lasts: what the device chooses to send, and what the cloud makes of it. Neither package knows the other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from uuid_utils import uuid7

from howsitgoing_cloud._contract import Consent, Model, Sample, to_rfc3339
from howsitgoing_cloud.distress import DistressRule
from howsitgoing_edge.cloud.sampling import Rates, Sampler
from howsitgoing_edge.core.types import Mood
from howsitgoing_edge.settings import CloudSettings

START = 1_790_000_000.0
FPS = 5
MINUTE = 60.0


def told(looks: list[tuple[str, float]], share: CloudSettings) -> list[tuple[float, str]]:
    """Seconds and words of the alerts, for faces that look so for so many seconds one after the other."""
    sampler = Sampler(Rates(0, 0, share.lasting_per_hour))
    memory: dict[str, Any] = {}
    alerts: list[tuple[float, str]] = []
    begun, number, session = 0.0, 0, str(uuid7())
    for emotion, seconds in looks:
        for _ in range(int(seconds * FPS)):
            now = number / FPS
            number += 1
            chosen = sampler.choose(Mood(emotion, 0.9, (1 / 7,) * 7, 1, begun, now, 1))
            reason = "change" if now == begun else chosen
            if reason is None:
                continue
            times = to_rfc3339(START + begun), to_rfc3339(START + now)
            model, consent = Model("m", "0" * 64), Consent("moods")
            sample = Sample(str(uuid7()), reason, "neutral", emotion, 0.9, {}, *times, 1, session, model, consent)
            verdict = DistressRule()(memory, sample, datetime.fromtimestamp(START + now, UTC))
            memory = json.loads(json.dumps(verdict.memory))
            alerts += [(now, alert.description) for alert in verdict.alerts]
        begun = number / FPS
    return alerts


def test_the_carer_is_told_within_a_minute() -> None:
    """Five minutes without a change: nothing but the device's own readings could say that it lasts."""
    ((at, words),) = told([("happy", 30), ("sad", 12 * MINUTE)], CloudSettings())
    assert 5 * MINUTE <= at - 30 <= 6 * MINUTE
    assert words.startswith("looks sad (")


@pytest.mark.parametrize("looks", [[("sad", 4 * MINUTE)], [("sad", 2 * MINUTE), ("happy", 20 * MINUTE)]], ids=["gone", "happy"])
def test_nobody_is_alarmed_by_a_device_that_went_away_or_a_face_that_is_well_again(looks: list[tuple[str, float]]) -> None:
    """A function that looks at the clock could not tell the first from distress."""
    assert told(looks, CloudSettings()) == []


def test_without_such_readings_it_would_be_told_at_its_end_only() -> None:
    """Whether the first test can fail at all."""
    ((at, _),) = told([("sad", 12 * MINUTE), ("happy", MINUTE)], CloudSettings(lasting_per_hour=0))
    assert at == 12 * MINUTE
