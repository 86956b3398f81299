"""The rules alone: the switch that two people share, what is worth a message, and when the carer is alerted."""

from __future__ import annotations

import itertools

import pytest

from howsitgoing_edge.cloud.blynk.alerts import EVENTS_A_DAY, GRACE, KEPT_FOR_DISTRESS, AlertRules, Alerts
from howsitgoing_edge.cloud.blynk.newest import DRIFT_EVERY, MOVE_EVERY, Newest
from howsitgoing_edge.cloud.blynk.pauses import Pauses
from howsitgoing_edge.cloud.blynk.streams import Pin, words
from howsitgoing_edge.cloud.blynk.switch import Switch
from howsitgoing_edge.contract import LANGUAGES, STATES
from howsitgoing_edge.errors import BlynkError, BlynkRefused

RULES = AlertRules(after=300, pause=1800, changes=False)
BOOLS = (False, True)


@pytest.mark.parametrize(("agreed", "device", "server"), list(itertools.product(BOOLS, BOOLS, BOOLS)))
def test_whoever_changed_the_switch_wins(agreed: bool, device: bool, server: bool) -> None:  # noqa: FBT001  a switch
    """All that can have happened while they did not hear of each other: in the end both have what was changed."""
    switch = Switch(device=device, agreed=agreed)
    switch.connected()
    wanted = switch.heard(server)
    if wanted is not None:
        switch.device = wanted
    if switch.to_report is not None:
        server = switch.to_report
        switch.reported(server)
    changed = not agreed if agreed in {not device, not server} else agreed
    assert (switch.device, server, switch.agreed) == (changed, changed, changed)
    assert switch.to_report is None


@pytest.mark.parametrize(("device", "server"), list(itertools.product(BOOLS, BOOLS)))
def test_at_the_very_first_meeting_the_device_counts(device: bool, server: bool) -> None:  # noqa: FBT001  a switch
    """A left-over at the server must not open a camera."""
    switch = Switch(device=device, agreed=None)
    switch.connected()
    assert switch.heard(server) is None
    assert switch.to_report == (None if device == server else device)


def test_before_the_server_has_answered_nothing_is_reported() -> None:
    """Else the carer's change, made while the device was away, would be overwritten."""
    switch = Switch(device=True, agreed=True)
    switch.connected()
    switch.device = False
    assert switch.to_report is None
    switch.unanswered()
    assert switch.to_report is False


def test_a_report_that_was_lost_on_its_way_is_made_again() -> None:
    """It counts only once the server has confirmed it."""
    switch = Switch(device=False, agreed=True)
    switch.connected()
    assert switch.heard(value=True) is None
    assert switch.to_report is False
    switch.connected()
    assert switch.heard(value=True) is None
    assert switch.to_report is False


def test_what_did_not_change_is_not_sent() -> None:
    """Blynk counts messages."""
    newest = Newest(1.0)
    newest.want({Pin.EMOTICON: 3, Pin.WORDS: "looks happy"})
    assert newest.take(0) == {Pin.EMOTICON: 3, Pin.WORDS: "looks happy"}
    newest.want({Pin.EMOTICON: 3, Pin.WORDS: "looks happy"})
    assert newest.due(100) is None
    newest.want({Pin.EMOTICON: 5})
    newest.want({Pin.EMOTICON: 4, Pin.WORDS: "looks neutral"})
    assert newest.due(0.4) == pytest.approx(0.6)
    assert newest.take(0.4) == {}
    assert newest.take(1.0) == {Pin.EMOTICON: 4, Pin.WORDS: "looks neutral"}


def test_small_movements_wait_for_company_or_half_a_minute() -> None:
    """A confidence that wavers would be a message a second, all day."""
    newest = Newest(1.0)
    newest.want({Pin.EMOTICON: 3, Pin.CONFIDENCE: 80})
    newest.take(0)
    newest.want({Pin.CONFIDENCE: 85})
    assert newest.due(2.0) == DRIFT_EVERY - 2.0
    assert newest.take(DRIFT_EVERY) == {Pin.CONFIDENCE: 85}
    newest.want({Pin.CONFIDENCE: 75})
    newest.want({Pin.EMOTICON: 5})
    assert newest.take(DRIFT_EVERY + 1) == {Pin.EMOTICON: 5, Pin.CONFIDENCE: 75}


def test_a_new_expression_that_becomes_surer_is_shown_soon() -> None:
    """Else the dashboard would say 55 % for half a minute, of a smile that has long been plain."""
    newest = Newest(1.0)
    newest.want({Pin.EMOTICON: 3, Pin.CONFIDENCE: 55})
    newest.take(0)
    newest.want({Pin.CONFIDENCE: 95})
    assert newest.due(1.0) == MOVE_EVERY - 1.0
    assert newest.take(MOVE_EVERY) == {Pin.CONFIDENCE: 95}


def test_over_a_new_connection_everything_is_sent_again() -> None:
    """Nobody knows what arrived over the last one."""
    newest = Newest(1.0)
    newest.want({Pin.EMOTICON: 3})
    newest.take(0)
    newest.forget()
    assert newest.take(5) == {Pin.EMOTICON: 3}


def test_distress_is_told_when_it_has_lasted_and_again_after_a_pause() -> None:
    """Without another frame: the clock alone is enough."""
    alerts = Alerts(RULES)
    alerts.mood("sad", 0)
    told = [now for now in range(0, 7200, 10) if alerts.distress("en", now)]
    assert told == [300, 2100, 3900, 5700]
    assert alerts.due(7200) == 300


@pytest.mark.parametrize("brief", ["happy", "unsure", "none"])
def test_something_else_for_a_moment_does_not_end_distress(brief: str) -> None:
    """But for longer it does."""
    alerts = Alerts(RULES)
    alerts.mood("fear", 0)
    alerts.mood(brief, 100)
    assert alerts.due(101) is None
    alerts.mood("sad", 100 + GRACE)
    assert alerts.distress("en", 300) is not None
    alerts.mood(brief, 400)
    alerts.mood("sad", 401 + GRACE)
    assert alerts.due(2200) == pytest.approx(0)
    alerts = Alerts(RULES)
    alerts.mood("fear", 0)
    alerts.mood(brief, 100)
    alerts.mood("sad", 101 + GRACE)
    assert alerts.due(300) == pytest.approx(101 + GRACE)


def test_changes_leave_some_events_for_distress() -> None:
    """A lively day must not silence a bad evening."""
    alerts = Alerts(AlertRules(after=300, pause=1800, changes=True))
    told = [alerts.change("happy", "en", now) for now in range(200)]
    assert sum(alert is not None for alert in told) == EVENTS_A_DAY - KEPT_FOR_DISTRESS
    assert alerts.dropped == 200 - (EVENTS_A_DAY - KEPT_FOR_DISTRESS)
    alerts.mood("sad", 200)
    assert alerts.distress("en", 500) is not None
    assert alerts.change("happy", "en", 86_500) is not None, "a day later"


def test_a_spent_budget_does_not_make_a_busy_loop() -> None:
    """What cannot be told is not tried again at once."""
    alerts = Alerts(AlertRules(after=1, pause=60, changes=False))
    alerts.mood("sad", 0)
    now = 0.0
    for _ in range(EVENTS_A_DAY + 5):
        now += alerts.due(now) or 0
        alerts.distress("en", now)
        assert alerts.due(now) == 60
    assert alerts.dropped == 5


def test_there_are_words_for_all_states_in_all_languages() -> None:
    """And a language that nobody translated falls back to English."""
    for language, state in itertools.product(LANGUAGES, STATES):
        assert words(state, language)
    assert words("happy", "eo") == "looks happy"


def test_a_refusal_is_tried_again_after_minutes_and_an_outage_after_seconds() -> None:
    """Who hammers is blocked."""
    pauses = Pauses()
    outage = [pauses.after(BlynkError(""), tries, 1.0) for tries in range(1, 9)]
    assert outage == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pauses.after(BlynkRefused(""), 1, 0.0) == 300
    assert pauses.after(BlynkRefused(""), 1, 1.0) == 600
