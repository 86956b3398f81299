"""The dashboard shows the newest reading: never an older one, never a replay; claims in the Firestore emulator."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from support.emulators import Emulators
from support.senders import Sender, now_rfc3339
from support.senders import sample as plain_sample

from howsitgoing_cloud._contract import STATES, Sample
from howsitgoing_cloud.errors import PermanentError, TransientError
from howsitgoing_cloud.panels import FirestorePanels
from howsitgoing_cloud.ports import Alert, Verdict
from howsitgoing_cloud.push import BETWEEN_MESSAGES, Change, Claim, Push, quiet, sample_in, values_of


class Panel:
    """A dashboard that remembers, fails and waits as told."""

    def __init__(self) -> None:
        self.shown: list[dict[str, object]] = []
        self.told: list[str] = []
        self.fails: Exception | None = None
        self.before: Callable[[dict[str, object]], object] = lambda _: None

    def push(self, token: str, values: dict[str, object]) -> None:
        assert token == "the token"  # noqa: S105  no real one
        self.before(values)
        if self.fails:
            raise self.fails
        self.shown.append(values)

    def log_event(self, token: str, code: str, description: str) -> None:
        assert token
        assert description
        if self.fails:
            raise self.fails
        self.told.append(code)


class OneSecret:
    """Knows the token of one dashboard."""

    def get(self, name: str) -> str:
        if name != "blynk-hat-1":
            raise PermanentError(f"no secret {name}")
        return "the token"


class Clock:
    """Goes on when somebody waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def wait_until(self, at: datetime) -> None:
        with self._lock:
            self._now = max(self._now, at)


@dataclass(frozen=True)
class Watched:
    """Panels that remember whose turn was taken when."""

    panels: FirestorePanels
    taken: list[tuple[datetime, str]] = field(default_factory=list)

    def secret_for(self, device_id: str, sample_id: str) -> str | None:
        return self.panels.secret_for(device_id, sample_id)

    def change(self, device_id: str, change: Change) -> Claim | None:
        takes = False

        def watched(before: Claim | None) -> Claim | None:
            nonlocal takes
            after = change(before)
            takes = after is not None and after.sent and (before is None or (before.turn, before.sent) != (after.turn, True))
            return after

        claim = self.panels.change(device_id, watched)
        if takes and claim is not None and claim.turn is not None:
            self.taken.append((claim.turn, claim.id))
        return claim


def sample(seconds_ago: float = 0, emotion: str = "happy") -> Sample:
    event = plain_sample(emotion=emotion, noticed_at=now_rfc3339(seconds_ago), changed_at=now_rfc3339(seconds_ago + 1))
    return Sample.from_dict(event)


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture
def push(cloud: Emulators, hat: Sender, panel: Panel) -> Push:
    cloud.firestore.document(f"devices/{hat.device_id}").update({"blynk": {"secret": "blynk-hat-1"}})
    clock = Clock()
    return Push(Watched(FirestorePanels(cloud.firestore)), OneSecret(), panel, quiet, clock.wait_until, clock.now)


def _store(cloud: Emulators, *samples: Sample) -> None:
    for one in samples:
        cloud.firestore.document(f"samples/{one.id}").set({"device_id": "hat-1"})


def _pushed(cloud: Emulators) -> dict[str, Any]:
    pushed: dict[str, Any] = cloud.firestore.document("devices/hat-1").get().to_dict()["pushed"]
    return pushed


def test_the_newest_reading_is_shown(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Index, words, percents and since when: the dashboard's template is made for these."""
    one = sample()
    _store(cloud, one)
    assert push("hat-1", one)
    assert panel.shown == [{"V1": 3, "V2": "looks happy", "V3": 88, "V4": 86, "V5": one.changed_at}]
    assert _pushed(cloud) | {"at": None, "turn": None} == {
        "id": one.id,
        "noticed_at": one.noticed_at,
        "consent": None,
        "values": panel.shown[0],
        "alerts": [],
        "memory": {},
        "done": True,
        "at": None,
        "problem": None,
        "turn": None,
        "sent": True,
    }


def test_what_is_older_or_comes_again_is_not_shown(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Eventarc promises neither order nor once."""
    old, new = sample(60, "sad"), sample()
    _store(cloud, old, new)
    assert [push("hat-1", new), push("hat-1", old), push("hat-1", new)] == [True, False, False]
    assert [values["V2"] for values in panel.shown] == ["looks happy"]


def test_after_an_hour_without_dashboard_only_the_newest_is_shown(cloud: Emulators, push: Push, panel: Panel) -> None:
    """The carer wants to know how it is now, not to watch the hour go by."""
    hour = [sample(3600 - 30 * number, "sad" if number % 2 else "angry") for number in range(40)] + [sample()]
    _store(cloud, *hour)
    panel.fails = TransientError("down")
    for one in hour:
        with pytest.raises(TransientError):
            push("hat-1", one)
    panel.fails = None
    assert [push("hat-1", one) for one in hour] == [False] * 40 + [True]
    assert [values["V2"] for values in panel.shown] == ["looks happy"]


def test_an_older_push_that_arrives_after_a_newer_one_is_put_right(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Two instances push at the same time, and the slower request was the older one."""
    old, new = sample(60, "sad"), sample()
    _store(cloud, old, new)
    on_its_way, newer_shown = threading.Event(), threading.Event()

    def slow(values: dict[str, object]) -> None:
        if values["V2"] == "looks sad":
            on_its_way.set()
            assert newer_shown.wait(20)

    panel.before = slow
    with ThreadPoolExecutor(1) as pool:
        older = pool.submit(push, "hat-1", old)
        assert on_its_way.wait(20)
        assert push("hat-1", new)
        newer_shown.set()
        older.result(30)
    assert [values["V2"] for values in panel.shown] == ["looks happy", "looks sad", "looks happy"]
    assert _pushed(cloud)["id"] == new.id


def test_many_at_once_end_with_the_newest(cloud: Emulators, push: Push, panel: Panel) -> None:
    """After a network came back, a whole outbox arrives at once."""
    many = [sample(30 - number, "sad") for number in range(5)] + [sample()]
    _store(cloud, *many)

    def deliver(one: Sample) -> None:
        for _ in range(50):
            try:
                push("hat-1", one)
            except TransientError:  # contention in Firestore: delivered again
                continue
            return

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(deliver, many))
    assert panel.shown[-1]["V2"] == "looks happy"
    assert (_pushed(cloud)["id"], _pushed(cloud)["done"]) == (many[-1].id, True)


def test_messages_are_a_second_apart_whichever_instances_send_them(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Blynk counts messages, and an instance knows nothing of the others: turns are taken in Firestore."""
    many = [sample(60 - number, "sad") for number in range(6)]
    _store(cloud, *many)
    panels = push.panels
    assert isinstance(panels, Watched)

    def deliver(one: Sample) -> None:
        for _ in range(50):
            try:
                replace(push)("hat-1", one)
            except TransientError:
                continue
            return

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(deliver, [*many, *many]))
    turns = sorted(at for at, _ in panels.taken)
    assert len(panel.shown) == len(turns) >= 2
    assert min(later - earlier for earlier, later in pairwise(turns)) >= BETWEEN_MESSAGES
    assert _pushed(cloud)["id"] == many[-1].id


def test_what_waits_for_its_turn_is_replaced_by_what_is_newer(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Ten readings at once are two messages: the first, and the last a second later."""
    first, *rest = [sample(60 - number, "sad") for number in range(9)] + [sample()]
    _store(cloud, first, *rest)
    assert push("hat-1", first)
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def wait_until(at: datetime) -> None:
        waiting.release()
        assert go_on.wait(20)
        push.wait_until(at)

    one_of_many = replace(push, wait_until=wait_until)
    with ThreadPoolExecutor(len(rest)) as pool:
        answers = []
        for one in rest:
            answers.append(pool.submit(one_of_many, "hat-1", one))
            assert waiting.acquire(timeout=20)
        go_on.set()
        assert [answer.result(30) for answer in answers] == [False] * (len(rest) - 1) + [True]
    assert [values["V2"] for values in panel.shown] == ["looks sad", "looks happy"]


def test_a_message_that_failed_takes_another_turn(cloud: Emulators, push: Push, panel: Panel) -> None:
    """A redelivery that comes at once is no reason to hurry."""
    one = sample()
    _store(cloud, one)
    panels = push.panels
    assert isinstance(panels, Watched)
    panel.fails = TransientError("down")
    for _ in range(3):
        with pytest.raises(TransientError):
            push("hat-1", one)
    panel.fails = None
    assert push("hat-1", one)
    turns = [at for at, _ in panels.taken]
    assert [later - earlier for earlier, later in pairwise(turns)] == [BETWEEN_MESSAGES] * 3


def test_what_a_person_must_put_right_is_noted_and_not_tried_for_ever(cloud: Emulators, push: Push, panel: Panel) -> None:
    """A token that was refused stays refused; the device's document says why, and the next reading tries anew."""
    one, next_one = sample(10), sample()
    _store(cloud, one, next_one)
    panel.fails = PermanentError("Blynk refuses the token")
    assert push("hat-1", one)
    assert _pushed(cloud)["problem"] == "Blynk refuses the token"
    assert not push("hat-1", one)
    panel.fails = None
    assert push("hat-1", next_one)
    assert _pushed(cloud)["problem"] is None


def test_a_missing_secret_is_noted(cloud: Emulators, push: Push) -> None:
    """Deployed without it: nothing else would say so."""
    one = sample()
    _store(cloud, one)
    cloud.firestore.document("devices/hat-1").update({"blynk": {"secret": "another"}})
    push("hat-1", one)
    assert _pushed(cloud)["problem"] == "no secret another"


@pytest.mark.parametrize("pushed", [{}, {"id": "x"}, {"alerts": 1}, {"alerts": [], "more": 1}], ids=repr)
def test_a_claim_that_cannot_be_read_is_begun_anew(cloud: Emulators, push: Push, panel: Panel, pushed: dict[str, Any]) -> None:
    """Of an older version, or changed by hand: it must not stop the dashboard for ever."""
    one = sample()
    _store(cloud, one)
    cloud.firestore.document("devices/hat-1").update({"pushed": pushed})
    assert push("hat-1", one)
    assert len(panel.shown) == 1


def test_without_a_dashboard_nothing_is_pushed(cloud: Emulators, push: Push, panel: Panel) -> None:
    """Most devices have none."""
    one = sample()
    _store(cloud, one)
    for but in ({"blynk": None}, {"blynk": None, "pushed": None}):
        cloud.firestore.document("devices/hat-1").update(but)
        assert not push("hat-1", one)
    cloud.firestore.document("devices/hat-1").delete()
    assert not push("hat-1", one)
    assert panel.shown == []


def test_what_was_erased_meanwhile_is_not_shown(cloud: Emulators, push: Push, panel: Panel) -> None:
    """An event may be delivered a day later."""
    assert not push("hat-1", sample())
    assert panel.shown == []
    assert cloud.firestore.document("devices/hat-1").get().to_dict()["pushed"] is None


def _counts(memory: Mapping[str, Any], one: Sample, now: datetime) -> Verdict:
    """A rule for the tests: tells of each third sample."""
    assert now.tzinfo is UTC
    count = memory.get("count", 0) + 1
    return Verdict({"count": count}, (Alert("distress", f"{one.emotion} again"),) if count % 3 == 0 else ())


def test_alerts_are_told_once_and_the_rule_remembers(cloud: Emulators, push: Push, panel: Panel) -> None:
    """The rule itself keeps nothing: each event may meet another instance."""
    counting = replace(push, rule=_counts)
    for number in range(7):
        one = sample(60 - number)
        _store(cloud, one)
        counting("hat-1", one)
        counting("hat-1", one)
    assert panel.told == ["distress", "distress"]
    assert _pushed(cloud)["memory"] == {"count": 7}


def test_an_alert_that_could_not_be_told_is_told_with_the_next_reading(cloud: Emulators, push: Push, panel: Panel) -> None:
    """A newer reading makes an older one's values worthless, but not the cry for help."""
    counting = replace(push, rule=_counts)
    for number in range(4):
        one = sample(60 - number)
        _store(cloud, one)
        panel.fails = TransientError("down") if number == 2 else None
        if panel.fails:
            with pytest.raises(TransientError):
                counting("hat-1", one)
        else:
            counting("hat-1", one)
    assert panel.told == ["distress"]


@pytest.mark.parametrize(("place", "state"), list(enumerate(STATES)), ids=STATES)
def test_every_state_has_its_place_and_words(place: int, state: str) -> None:
    """Nobody in front is not a mood, and not clear is not neutral."""
    values = values_of(sample(emotion=state))
    assert values["V1"] == place
    words = {"none": "nobody in view", "unsure": "hard to tell right now", "fear": "looks afraid"}.get(state, f"looks {state}")
    assert str(values["V2"]).startswith(words)


@pytest.mark.parametrize("content", [{}, {"device_id": "hat-1"}, {"device_id": "hat-1", "event": {"id": "x"}}], ids=repr)
def test_a_sample_that_cannot_be_read_is_permanent(content: dict[str, Any]) -> None:
    """To deliver it again would change nothing."""
    with pytest.raises(PermanentError):
        sample_in(content)
