"""The carer's dashboard by Blynk's HTTPS API, at the stand-in's servers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from support.blynk.cloud import EVENTS_A_DAY
from support.blynk.server import TOKEN, BlynkStandIn
from support.certificates import Authority

from howsitgoing_cloud.blynk import BlynkDashboard
from howsitgoing_cloud.errors import ConfigError, PermanentError, TransientError
from howsitgoing_cloud.pace import Pace

HAPPY: dict[str, object] = {"V1": 3, "V2": "looks happy", "V3": 87, "V4": 100, "V5": "2026-01-31T12:00:00.000Z"}


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def blynk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlynkStandIn]:
    with BlynkStandIn(tmp_path_factory.mktemp("blynk")) as running:
        yield running


@pytest.fixture
def dashboard(blynk: BlynkStandIn) -> Iterator[BlynkDashboard]:
    assert blynk.authority is not None
    clock = Clock()
    made = BlynkDashboard(blynk.web_address, verify=blynk.authority.context(), pace=Pace(clock, clock.sleep))
    yield made
    made.close()


def test_a_mood_is_shown_by_one_message(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """Blynk counts messages; and a carer never sees a sad emoticon above happy words."""
    dashboard.push(TOKEN, HAPPY)
    assert blynk.values == HAPPY
    assert [(written.by, len(written.values)) for written in blynk.device.written] == [("https", 5)]
    assert blynk.web.asked == ["/external/api/batch/update"]


@pytest.mark.parametrize("words", ["a & b = c?", "nb#1%20+", "dégoûté", "😢", "line\nbreak", "'; --"])
def test_words_arrive_as_they_are(blynk: BlynkStandIn, dashboard: BlynkDashboard, words: str) -> None:
    """They stand in an address, where many characters mean something else."""
    dashboard.push(TOKEN, {"V2": words})
    assert blynk.values["V2"] == words


def test_an_event_reaches_the_carer(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """Cut to what Blynk takes."""
    dashboard.log_event(TOKEN, "distress", "looks sad (5 min)" + "." * 500)
    ((code, text),) = blynk.device.events
    assert (code, len(text)) == ("distress", 300)


def test_a_refused_token_says_what_to_do(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """A person must act: no redelivery helps, and the message must not hold the token."""
    with pytest.raises(PermanentError, match="copy it again from Device Info") as caught:
        dashboard.push("some-other-token", HAPPY)
    assert "some-other-token" not in str(caught.value)
    assert blynk.cloud.refused_tokens == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"V9": 1}, "No datastream setup for that pin"),
        ({"V1": "happy"}, "doesn't match the Datastream data type"),
        ({"mood": 1}, "Wrong pin format"),
    ],
)
def test_a_template_that_does_not_fit_is_named(dashboard: BlynkDashboard, values: dict[str, object], reason: str) -> None:
    """In Blynk's own words, and where to look."""
    with pytest.raises(PermanentError, match=f"{reason}.*docs/blynk.md"):
        dashboard.push(TOKEN, values)


def test_an_unknown_event_is_a_matter_of_the_template(dashboard: BlynkDashboard) -> None:
    """Likewise."""
    with pytest.raises(PermanentError, match="Can't find Event"):
        dashboard.log_event(TOKEN, "joy", "")


def test_blynk_takes_so_many_events_a_day_and_says_so(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """Why there is a budget: the rule must never get here."""
    for _ in range(EVENTS_A_DAY):
        dashboard.log_event(TOKEN, "mood_change", "looks happy")
    with pytest.raises(PermanentError, match="limit"):
        dashboard.log_event(TOKEN, "distress", "looks sad")
    assert len(blynk.device.events) == EVENTS_A_DAY


def test_servers_in_trouble_are_asked_again_later(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """By whoever delivers events: this is nobody's mistake."""
    blynk.web.down = True
    with pytest.raises(TransientError, match="503"):
        dashboard.push(TOKEN, HAPPY)
    blynk.stop()
    with pytest.raises(TransientError, match="does not answer"):
        dashboard.push(TOKEN, HAPPY)
    blynk.start()
    dashboard.push(TOKEN, HAPPY)
    assert blynk.values == HAPPY


def test_a_server_that_nobody_vouches_for_never_sees_the_token(
    blynk: BlynkStandIn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A stranger may call himself blynk.cloud."""
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    dashboard = BlynkDashboard(blynk.web_address, verify=stranger.context())
    with pytest.raises(PermanentError, match="certificate"):
        dashboard.push(TOKEN, HAPPY)
    dashboard.close()
    assert blynk.web.asked == []


@pytest.mark.parametrize(
    "server", ["http://blynk.cloud", "blynk.cloud", "https://blynk.cloud/external?token=abc", "https://me:abc@blynk.cloud", ""]
)
def test_an_address_that_would_give_tokens_away_is_refused(server: str) -> None:
    """Unencrypted only on this very machine."""
    with pytest.raises(ConfigError, match="must be like") as caught:
        BlynkDashboard(server)
    assert "token=abc" not in str(caught.value)
    BlynkDashboard("http://127.0.0.1:1")


def test_the_token_is_in_no_log(blynk: BlynkStandIn, dashboard: BlynkDashboard, caplog: pytest.LogCaptureFixture) -> None:
    """Httpx logs each address at INFO, and Blynk's have the token in them."""
    caplog.set_level(logging.DEBUG)
    dashboard.push(TOKEN, HAPPY)
    blynk.web.down = True
    with pytest.raises(TransientError) as passing:
        dashboard.push(TOKEN, HAPPY)
    blynk.stop()
    with pytest.raises(TransientError) as gone:
        dashboard.push(TOKEN, HAPPY)
    blynk.start()
    logging.getLogger("test").warning("failed", exc_info=gone.value)
    assert "token=…" in caplog.text, "httpx did log the address"
    assert TOKEN not in caplog.text
    assert "looks+happy" not in caplog.text, "nor how a face looked"
    assert not [error for error in (passing.value, gone.value) if TOKEN in str(error)]


def test_a_dashboard_gets_one_message_a_second_and_of_those_that_wait_only_the_newest(blynk: BlynkStandIn) -> None:
    """Ten readings at once are two messages: the first, and the last a second later."""
    assert blynk.authority is not None
    dashboard = BlynkDashboard(blynk.web_address, verify=blynk.authority.context())
    dashboard.push(TOKEN, {"V3": 0})
    threads = []
    for number in range(1, 11):
        thread = threading.Thread(target=dashboard.push, args=(TOKEN, {"V3": number}))
        thread.start()
        threads.append(thread)
        time.sleep(0.02)  # one after the other, as readings come
    for thread in threads:
        thread.join(10)
    dashboard.close()
    first, last = blynk.device.written
    assert [first.values, last.values] == [{"V3": 0}, {"V3": 10}]
    assert last.at - first.at >= 0.9


def test_one_dashboard_does_not_wait_for_another() -> None:
    """The pace is each device's own."""
    clock = Clock()
    pace = Pace(clock, clock.sleep)
    assert [pace.my_turn(f"device {number}") for number in range(100)] == [True] * 100
    assert clock.now == 0
    assert pace.my_turn("device 7")
    assert clock.now == 1


def test_a_device_that_is_connected_is_told_from_one_that_is_not(blynk: BlynkStandIn, dashboard: BlynkDashboard) -> None:
    """As the page does with a green dot."""
    assert not dashboard.is_connected(TOKEN)
    device = blynk.cloud.connect(TOKEN, _ignore)
    assert dashboard.is_connected(TOKEN)
    blynk.cloud.disconnect(device, _ignore)


def test_tokens_are_not_mixed_up(dashboard: BlynkDashboard, blynk: BlynkStandIn) -> None:
    """Two families, one cloud."""
    other = blynk.cloud.add("another-token-of-a-second-family")
    dashboard.push(TOKEN, {"V2": "looks happy"})
    dashboard.push(other.token, {"V2": "looks sad"})
    assert (blynk.values["V2"], other.values["V2"]) == ("looks happy", "looks sad")


def _ignore(_name: str, _value: object) -> None:
    pass
