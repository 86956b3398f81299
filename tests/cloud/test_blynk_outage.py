"""Blynk away for an hour of readings: claims in the Firestore emulator, messages at the stand-in's HTTPS API."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.blynk.server import TOKEN, BlynkStandIn
from support.emulators import Emulators
from support.senders import Sender, now_rfc3339
from support.senders import sample as plain_sample

from howsitgoing_cloud._contract import EMOTIONS, Sample
from howsitgoing_cloud.blynk import BlynkDashboard
from howsitgoing_cloud.distress import DistressRule
from howsitgoing_cloud.errors import PermanentError, TransientError
from howsitgoing_cloud.pace import Pace
from howsitgoing_cloud.panels import FirestorePanels
from howsitgoing_cloud.push import Push
from howsitgoing_cloud.secret_files import FileSecrets

MINUTE = 60.0


@dataclass
class Family:
    """A device whose carer has a dashboard."""

    blynk: BlynkStandIn
    push: Push
    cloud: Emulators

    def reading(self, minutes_ago: float, emotion: str) -> Sample:
        """Stored, as `ingest` does; not yet pushed."""
        at = now_rfc3339(minutes_ago * MINUTE)
        one = Sample.from_dict(plain_sample(emotion=emotion, noticed_at=at, changed_at=at))
        self.cloud.firestore.document(f"samples/{one.id}").set({"device_id": "hat-1"})
        return one

    def deliver(self, one: Sample) -> bool:
        """As Eventarc does; whether it need not do so again."""
        try:
            self.push("hat-1", one)
        except TransientError:
            return False
        return True


class Clock:
    """Goes on when somebody waits."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def wait_until(self, at: datetime) -> None:
        self._ahead += max(timedelta(), at - self.now())


@pytest.fixture
def family(cloud: Emulators, hat: Sender, tmp_path: Path) -> Iterator[Family]:
    secrets = tmp_path / "secrets"
    secrets.mkdir(0o700)
    (secrets / "blynk-hat-1").touch(0o600)
    (secrets / "blynk-hat-1").write_text(TOKEN)
    cloud.firestore.document(f"devices/{hat.device_id}").update({"blynk": {"secret": "blynk-hat-1"}})
    with BlynkStandIn(tmp_path / "blynk") as blynk:
        assert blynk.authority is not None
        now = [0.0]
        pace = Pace(lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
        dashboard = BlynkDashboard(blynk.web_address, verify=blynk.authority.context(), pace=pace)
        panels, tokens, clock = FirestorePanels(cloud.firestore), FileSecrets(secrets), Clock()
        yield Family(blynk, Push(panels, tokens, dashboard, DistressRule(), clock.wait_until, clock.now), cloud)
        dashboard.close()


def test_after_an_hours_outage_the_dashboard_shows_the_newest_mood_and_no_replay(family: Family) -> None:
    """Sixty readings wait for redelivery, in any order, each of them several times: the carer sees one."""
    assert family.deliver(family.reading(61, "neutral"))
    before = len(family.blynk.device.written)
    family.blynk.stop()
    waiting = [family.reading(60 - minute, EMOTIONS[minute % 7]) for minute in range(60)]
    newest = waiting[-1]
    waiting = [one for one in waiting if not family.deliver(one)]
    assert len(waiting) == 60, "nobody could deliver anything"
    family.blynk.start()
    chance = random.Random(3)  # noqa: S311  an order
    while waiting:
        chance.shuffle(waiting)
        waiting = [one for one in waiting if not family.deliver(one)]
    assert family.blynk.values["V5"] == newest.changed_at
    assert family.blynk.values["V1"] == EMOTIONS.index(newest.emotion)
    assert len(family.blynk.device.written) - before == 1


def test_a_server_that_stumbles_shows_the_newest_in_the_end(family: Family) -> None:
    """503 now and then, as from any large service."""
    for minute in range(12):
        one = family.reading(12 - minute, EMOTIONS[minute % 7])
        family.blynk.web.down = minute % 3 == 0
        family.deliver(one)
        family.blynk.web.down = False
        assert family.deliver(one)
        assert family.blynk.values["V5"] == one.changed_at


def test_distress_that_lasts_alerts_the_carer_through_it_all(family: Family) -> None:
    """The rule's memory lies in Firestore between two readings; an alert that failed is told when Blynk is back."""
    family.deliver(family.reading(10, "sad"))
    family.blynk.stop()
    late = family.reading(3, "angry")
    assert not family.deliver(late)
    family.blynk.start()
    assert family.deliver(late)
    assert family.deliver(family.reading(1, "sad"))
    assert family.blynk.device.events == [("distress", "looks angry (7 min)")]


def test_a_token_that_blynk_no_longer_takes_is_tried_once_a_reading_and_recorded(family: Family) -> None:
    """No redelivery mends that; a person reads why in the device's document, without the token."""
    family.blynk.cloud.remove(TOKEN)
    assert family.deliver(family.reading(1, "sad"))
    assert family.blynk.cloud.refused_tokens == 1
    pushed = family.cloud.firestore.document("devices/hat-1").get().to_dict()["pushed"]
    assert "refuses the token" in pushed["problem"]
    assert TOKEN not in str(pushed)
    with pytest.raises(PermanentError):
        family.push.dashboard.push(TOKEN, {"V1": 1})
