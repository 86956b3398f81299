"""When something is said: not too often, not too late, not what no longer holds, and always when asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from howsitgoing_edge.contract import EMOTIONS, NOBODY, SPEECH_MODES, UNSURE, Say
from howsitgoing_edge.core.announce import Announcer
from howsitgoing_edge.core.cues import ALERTS, Cue, Form, Rules, is_quiet
from howsitgoing_edge.core.phrases import Sentence
from howsitgoing_edge.core.types import Change, Mood

NOON = time(12)
NIGHT = (time(22), time(7))


def change(emotion: str, at: float, previous: str = "neutral") -> Change:
    return Change(previous, emotion, 0.9, (), at - 0.3, at, 1)


def mood(emotion: str, at: float, since: float | None = None) -> Mood:
    return Mood(emotion, 0.9, (), int(emotion != NOBODY), at if since is None else since, at, 1)


def heard(announcer: Announcer, now: float, local: time = NOON, *, busy: bool = False) -> str | None:
    """Key of what is said at ``now``."""
    cue = announcer.due(now, local, busy=busy)
    return None if cue is None else cue.text or cue.key


@pytest.fixture
def announcer() -> Announcer:
    return Announcer(Rules())


def test_a_change_is_told_at_once(announcer: Announcer) -> None:
    """Half a second is all there is between a face and the word for it."""
    happy = change("happy", 10)
    announcer.change(happy)
    assert announcer.due(10, NOON, busy=False) == Cue(Form.PHRASE, "happy", 10, happy)
    assert heard(announcer, 10.1) is None


def test_the_same_expression_is_not_told_twice(announcer: Announcer) -> None:
    """Happy, a moment unclear, happy again: the wearer knows."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.change(change("happy", 20, previous=UNSURE))
    assert not announcer.waiting(20, NOON)


def test_a_change_within_the_gap_waits_while_the_face_still_looks_so(announcer: Announcer) -> None:
    """A face that turned sad right after a smile and stayed so must not go untold."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.change(change("sad", 10.5, "happy"))
    for tenth in range(105, 130):
        announcer.mood(mood("sad", tenth / 10, since=10.5))
        assert heard(announcer, tenth / 10) is None
    announcer.mood(mood("sad", 13, since=10.5))
    assert heard(announcer, 13) == "sad"


def test_the_newest_of_several_waiting_changes_wins(announcer: Announcer) -> None:
    """What the face showed in between is history."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.change(change("sad", 11))
    announcer.change(change("angry", 12))
    assert heard(announcer, 13) == "angry"
    assert announcer.dropped == {"stale": 0, "overtaken": 1}


def test_nothing_is_said_when_the_face_has_gone_back_meanwhile(announcer: Announcer) -> None:
    """Happy, a short frown, happy: no news."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.change(change("angry", 11))
    announcer.change(change("happy", 12))
    assert heard(announcer, 13) is None
    assert not announcer.waiting(13, NOON)


def test_a_change_that_nobody_could_hear_in_time_is_dropped(announcer: Announcer) -> None:
    """With the loudspeaker gone for a while, old news must not come out of it on return."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 12.1) is None
    assert announcer.dropped["stale"] == 1
    announcer.change(change("sad", 13))
    assert heard(announcer, 13) == "sad"


def test_a_change_that_was_never_told_is_news_again(announcer: Announcer) -> None:
    """Dropped means not told: the next time the face looks so it is said."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 15) is None
    announcer.change(change("happy", 20))
    assert heard(announcer, 20) == "happy"


def test_news_that_a_lost_loudspeaker_swallowed_is_told_again_while_it_holds(announcer: Announcer) -> None:
    """The wearer heard half a word; the face still looks so."""
    announcer.change(change("sad", 10))
    cue = announcer.due(10, NOON, busy=False)
    assert cue is not None
    announcer.unheard(cue)
    announcer.mood(mood("sad", 11, since=10))
    assert heard(announcer, 11.5) == "sad"
    announcer.unheard(cue)
    assert heard(announcer, 14) is None, "not seen to look so any more"


def test_the_next_person_is_told_of_even_if_looking_like_the_last(announcer: Announcer) -> None:
    """Somebody else, ten minutes later, also smiling: that is worth a word."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.mood(mood(NOBODY, 21, since=12))
    announcer.change(change("happy", 21.5, NOBODY))
    assert heard(announcer, 21.5) is None, "away for less than ten seconds: probably the same person"
    announcer.mood(mood(NOBODY, 40, since=30))
    announcer.change(change("happy", 41, NOBODY))
    assert heard(announcer, 41) == "happy"


@pytest.mark.parametrize("mode", SPEECH_MODES)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_each_mode_tells_what_it_promises(mode: str, emotion: str) -> None:
    """All seven in ``changes`` and ``tones``, three in ``alerts``, none in ``on_request`` and ``off``."""
    announcer = Announcer(Rules(mode=mode))
    announcer.change(change(emotion, 10))
    told = mode in ("changes", "tones") or (mode == "alerts" and emotion in ALERTS)
    assert announcer.waiting(10, NOON) is told
    cue = announcer.due(10, NOON, busy=False)
    assert (cue is not None) is told
    assert cue is None or cue.form is (Form.TONE if mode == "tones" else Form.PHRASE)


def test_distress_that_returns_is_an_alert_again() -> None:
    """Sad, then happy (not told in this mode), then sad: the second time counts too."""
    announcer = Announcer(Rules(mode="alerts"))
    announcer.change(change("sad", 10))
    assert heard(announcer, 10) == "sad"
    announcer.change(change("happy", 15))
    assert heard(announcer, 15) is None
    announcer.change(change("sad", 15.5))
    assert heard(announcer, 15.5) == "sad"


def test_an_alert_does_not_repeat_for_a_short_break_within_the_gap() -> None:
    """Sad, a second of neutral, sad: one alert, not two."""
    announcer = Announcer(Rules(mode="alerts"))
    announcer.change(change("sad", 10))
    assert heard(announcer, 10) == "sad"
    announcer.change(change("neutral", 11))
    assert heard(announcer, 11) is None
    announcer.change(change("sad", 12))
    assert heard(announcer, 13.5) is None


@pytest.mark.parametrize(
    ("quiet", "local", "expected"),
    [
        (NIGHT, time(23), True),
        (NIGHT, time(0), True),
        (NIGHT, time(6, 59, 59), True),
        (NIGHT, time(7), False),
        (NIGHT, time(21, 59), False),
        ((time(13), time(15)), time(14), True),
        ((time(13), time(15)), time(15), False),
        ((time(13), time(15)), time(3), False),
        ((time(8), time(8)), time(8), False),
        (None, time(3), False),
    ],
)
def test_quiet_hours_may_go_past_midnight(quiet: tuple[time, time] | None, local: time, expected: bool) -> None:  # noqa: FBT001  a table
    """22:00 to 7:00 is the usual case."""
    assert is_quiet(quiet, local) is expected


def test_quiet_hours_still_answer_but_volunteer_nothing() -> None:
    """Somebody who asks at night wants to know."""
    announcer = Announcer(Rules(quiet=NIGHT))
    night = time(3)
    announcer.mood(mood("sad", 10))
    announcer.change(change("sad", 10))
    announcer.sentence(Sentence.CAMERA_LOST, 10, night)
    assert heard(announcer, 10, night) is None
    assert announcer.say(Say(), 10.5)
    assert heard(announcer, 10.5, night) == "now-sad"
    assert announcer.say(Say("good night"), 11)
    assert heard(announcer, 11, night) == "good night"


def test_what_changed_in_quiet_hours_is_not_told_in_the_morning() -> None:
    """Only what changes from then on is news."""
    announcer = Announcer(Rules(quiet=NIGHT))
    announcer.change(change("sad", 10))
    assert heard(announcer, 10, time(6, 59)) is None
    announcer.mood(mood("sad", 11, since=10))
    assert heard(announcer, 11, time(7)) is None


def test_switched_off_speech_says_nothing_at_all() -> None:
    """Off is off, also for texts from the house, and the caller learns it."""
    announcer = Announcer(Rules(speech=False))
    announcer.change(change("sad", 10))
    announcer.sentence(Sentence.SPEAKER_TEST, 10, NOON)
    assert not announcer.say(Say("dinner"), 10)
    assert not announcer.say(Say(), 10)
    assert heard(announcer, 10) is None


def test_mode_off_keeps_moods_and_sentences_quiet_but_speaks_texts_and_answers() -> None:
    """The mode is about what is volunteered; the switch is about everything."""
    announcer = Announcer(Rules(mode="off"))
    announcer.mood(mood("happy", 10))
    announcer.change(change("happy", 10))
    announcer.sentence(Sentence.CAMERA_LOST, 10, NOON)
    assert heard(announcer, 10) is None
    announcer.sentence(Sentence.SPEAKER_TEST, 10, NOON)
    assert heard(announcer, 10) == "speaker-test"
    announcer.say(Say("dinner"), 11)
    assert heard(announcer, 11) == "dinner"


@pytest.mark.parametrize(
    ("state", "at", "expected"),
    [("happy", 10.0, "now-happy"), (NOBODY, 10.0, "now-none"), (UNSURE, 10.0, "now-unsure"), ("happy", 4.0, "now-unsure")],
    ids=["happy", "nobody", "unsure", "no mood for six seconds"],
)
def test_how_is_it_going_is_answered_with_the_mood_of_this_moment(
    announcer: Announcer, state: str, at: float, expected: str
) -> None:
    """An answer must never be older than the question."""
    announcer.mood(mood(state, at))
    announcer.say(Say(), 10)
    assert heard(announcer, 10.1) == expected


def test_the_answer_waits_for_the_loudspeaker_and_is_then_up_to_date(announcer: Announcer) -> None:
    """A Bluetooth speaker takes half a second to wake; the face may change in it."""
    announcer.mood(mood("happy", 10))
    announcer.say(Say(), 10)
    announcer.mood(mood("sad", 10.6))
    assert heard(announcer, 10.7) == "now-sad"


def test_without_any_mood_yet_the_answer_is_unsure(announcer: Announcer) -> None:
    """Right after the start nothing is known."""
    announcer.say(Say("  "), 1)
    assert heard(announcer, 1) == "now-unsure"


def test_with_recognition_off_the_answer_says_so() -> None:
    """The wearer would wait for a change that cannot come."""
    announcer = Announcer(Rules(recognition=False))
    announcer.mood(mood("happy", 10))
    announcer.say(Say(), 10)
    assert heard(announcer, 10) == Sentence.RECOGNITION_OFF


def test_an_answer_also_tells_the_change_that_waited(announcer: Announcer) -> None:
    """Otherwise the wearer hears "looks sad right now", and "looks sad" after it."""
    announcer.change(change("happy", 10))
    assert heard(announcer, 10) == "happy"
    announcer.change(change("sad", 11))
    announcer.mood(mood("sad", 11))
    announcer.say(Say(), 11)
    assert heard(announcer, 11) == "now-sad"
    announcer.mood(mood("sad", 14.5, since=11))
    assert heard(announcer, 14.5) is None


def test_news_does_not_interrupt_what_was_asked_for(announcer: Announcer) -> None:
    """A text from the carer is heard to its end; the news waits, while it still holds."""
    announcer.change(change("sad", 10))
    assert heard(announcer, 10, busy=True) is None
    announcer.mood(mood("sad", 12, since=10))
    assert heard(announcer, 12.5) == "sad"


def test_what_is_asked_for_interrupts(announcer: Announcer) -> None:
    """Newest wins among what a person wants to hear."""
    announcer.say(Say("one"), 10)
    announcer.say(Say("two", "de"), 10.1)
    cue = announcer.due(10.2, NOON, busy=True)
    assert cue == Cue(Form.TEXT, "", 10.1, text="two", language="de")
    assert announcer.dropped["overtaken"] == 1


def test_a_text_waits_longer_than_news_but_not_for_ever(announcer: Announcer) -> None:
    """With the loudspeaker away for a minute, an old text would only startle."""
    announcer.say(Say("dinner"), 10)
    assert announcer.waiting(19, NOON)
    assert not announcer.waiting(20.5, NOON)
    assert announcer.dropped["stale"] == 1


def test_new_rules_hold_at_once(announcer: Announcer) -> None:
    """Switching to tones in the middle of a conversation makes the next change a tone."""
    announcer.change(change("happy", 10))
    announcer.rules = replace(announcer.rules, mode="tones")
    cue = announcer.due(10, NOON, busy=False)
    assert cue is not None
    assert (cue.form, cue.key) == (Form.TONE, "happy")


def test_a_clock_that_begins_anew_does_not_silence_for_long(announcer: Announcer) -> None:
    """A clip played again starts at 0; waiting until its time has caught up would be silence."""
    announcer.change(change("happy", 100))
    assert heard(announcer, 100) == "happy"
    announcer.change(change("sad", 1))
    assert heard(announcer, 1) == "sad"
