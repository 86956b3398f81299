"""The mood filter: evidence counts by time, nobody and unsure have their moments, talking is not a change of emotion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.mood import MoodFilter, MoodRules
from howsitgoing_edge.core.types import Mood, Observation, Scores


def scores(emotion: str, share: float = 0.8, readable: float = 1.0) -> Scores:
    """``share`` for one emotion, the rest spread evenly."""
    values = np.full(7, (1 - share) / 6, np.float32)
    values[EMOTIONS.index(emotion)] = share
    return Scores(values, readable)


def watch(
    mood_filter: MoodFilter,
    emotion: str | None,
    begin: float,
    end: float,
    fps: float = 10,
    mouth: float = 0.0,
    track: int = 1,
    share: float = 0.8,
) -> list[Mood]:
    """Moods while ``emotion`` is seen from ``begin`` to ``end``; None: nobody."""
    times = np.arange(round(begin * fps), round(end * fps)) / fps
    if emotion is None:
        return [mood_filter.update(Observation(float(t), 0)) for t in times]
    return [mood_filter.update(Observation(float(t), 1, track, scores(emotion, share), mouth)) for t in times]


def first(moods: list[Mood], emotion: str) -> float:
    """When ``emotion`` was first named."""
    return next(m.time for m in moods if m.emotion == emotion)


@pytest.mark.parametrize("fps", [2, 5, 10, 30, 60])
def test_a_change_is_named_within_a_second_at_any_frame_rate(fps: float) -> None:
    """A Pi Zero gives 2 frames a second, a webcam 30: the wearer waits alike."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", 0, 5, fps)
    moods = watch(mood_filter, "happy", 5, 8, fps)
    assert 5 < first(moods, "happy") <= 6


def test_more_frames_a_second_are_not_more_evidence() -> None:
    """A short glimpse must not pass for certain only because the camera is fast."""
    beliefs = []
    for fps in (10, 60):
        mood_filter = MoodFilter(MoodRules())
        watch(mood_filter, "neutral", 0, 5, fps)
        beliefs.append(watch(mood_filter, "sad", 5, 5.2, fps)[-1].emotion)
    assert beliefs == ["neutral", "neutral"]


def test_the_time_of_a_change_is_when_the_face_changed() -> None:
    """An event says when it happened, not when it was noticed."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", 0, 5)
    moods = watch(mood_filter, "surprise", 5, 7)
    assert moods[-1].since == pytest.approx(5, abs=0.2)
    assert moods[-1].since < first(moods, "surprise")


def test_one_stray_frame_changes_nothing() -> None:
    """A blink or a blurred frame reads as anything."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", 0, 3)
    stray = watch(mood_filter, "fear", 3, 3.1, share=0.99)
    after = watch(mood_filter, "neutral", 3.1, 5)
    assert {m.emotion for m in stray + after} == {"neutral"}


def between(one: str, share: float, other: str, rest: float) -> Scores:
    """``share`` for ``one``, ``rest`` for ``other``."""
    values = np.full(7, (1 - share - rest) / 5, np.float32)
    values[EMOTIONS.index(one)], values[EMOTIONS.index(other)] = share, rest
    return Scores(values, 1.0)


def test_a_face_that_lies_between_two_expressions_does_not_go_to_and_fro() -> None:
    """Some faces at rest look a little sad as well: the winner changes, the face does not."""
    mood_filter = MoodFilter(MoodRules())
    named = []
    for number in range(600):
        tilt = 0.1 * np.sign(np.sin(2 * np.pi * number / 30))
        named.append(
            mood_filter.update(Observation(number / 10, 1, 1, between("neutral", 0.43 + tilt, "sad", 0.43 - tilt))).emotion
        )
    assert "neutral" in named
    assert set(named) <= {"neutral", "unsure"}


def test_an_expression_that_comes_slowly_is_named() -> None:
    """A smile may take eight seconds to spread."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", -5, 0)
    spread = [(t / 10, 0.9 * min(1.0, t / 80)) for t in range(120)]
    moods = [mood_filter.update(Observation(t, 1, 1, between("happy", s, "neutral", 0.9 - s))) for t, s in spread]
    assert first(moods, "happy") < 8


def test_what_was_misread_at_first_is_put_right() -> None:
    """Its score has not risen; that it lasts is enough."""
    rules = MoodRules()
    mood_filter = MoodFilter(rules)
    watch(mood_filter, "sad", 0, 0.6, share=0.5)
    for number in range(6, 40):
        mood_filter.update(Observation(number / 10, 1, 1, between("sad", 0.52, "neutral", 0.43)))
    moods = [mood_filter.update(Observation(t / 10, 1, 1, between("neutral", 0.55, "sad", 0.4))) for t in range(40, 120)]
    assert 4.5 < first(moods, "neutral") < 4 + rules.patience + 1.5


def test_nobody_for_some_seconds_is_none_and_a_short_gap_is_not() -> None:
    """A detector misses a face now and then; that is not somebody leaving."""
    mood_filter = MoodFilter(MoodRules(nobody_after=2))
    watch(mood_filter, "happy", 0, 3)
    gap = watch(mood_filter, None, 3, 4.5)
    assert {m.emotion for m in gap} == {"happy"}
    assert watch(mood_filter, None, 4.5, 6)[-1].emotion == "none"


def test_an_ambiguous_face_is_unsure() -> None:
    """Silence is better than a guess."""
    mood_filter = MoodFilter(MoodRules())
    assert watch(mood_filter, "sad", 0, 5, share=0.2)[-1].emotion == "unsure"


def test_what_cannot_be_read_says_nothing() -> None:
    """A false detection must become silence, whatever the network makes of it."""
    mood_filter = MoodFilter(MoodRules())
    moods = [mood_filter.update(Observation(t / 10, 1, 1, scores("happy", 0.99, readable=0.1))) for t in range(50)]
    assert {m.emotion for m in moods} == {"unsure"}


def test_a_broken_score_is_passed_over() -> None:
    """One frame of nonsense must not poison all that follow."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "happy", 0, 3)
    mood_filter.update(Observation(3.0, 1, 1, Scores(np.full(7, np.nan, np.float32), 1.0)))
    assert watch(mood_filter, "happy", 3.1, 4)[-1].emotion == "happy"


def test_another_person_in_front_starts_afresh() -> None:
    """What was believed of one face does not hold for the next."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "happy", 0, 3, track=1)
    moods = watch(mood_filter, "sad", 3, 5, track=2)
    assert moods[-1].emotion == "sad"
    assert moods[-1].track == 2


def _talking(seconds: float, fps: float) -> Iterator[tuple[float, Scores]]:
    """A neutral face whose opened mouth reads as surprise or fear, four syllables a second."""
    for number in range(round(seconds * fps)):
        time = number / fps
        syllable = np.sin(2 * np.pi * 4 * time) > -0.2
        yield time, scores(("surprise", "fear")[int(time) % 3 == 0] if syllable else "neutral", 0.75)


@pytest.mark.parametrize("fps", [3, 5, 10, 30])
def test_talking_is_not_a_change_of_emotion(fps: float) -> None:
    """The person in front talks most of the time (Bursic et al. 2020)."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", -3, 0, fps)
    moods = [mood_filter.update(Observation(t, 1, 1, s, 1.0)) for t, s in _talking(15, fps)]
    assert {m.emotion for m in moods} <= {"neutral", "unsure"}


def test_a_smile_is_seen_while_talking() -> None:
    """Weighing evidence must not make the aid deaf to real changes."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "neutral", 0, 3, mouth=1)
    assert first(watch(mood_filter, "happy", 3, 6, mouth=1), "happy") <= 4.5


def test_a_clock_that_steps_back_does_no_harm() -> None:
    """A file with wrong timestamps must not end the run."""
    mood_filter = MoodFilter(MoodRules())
    watch(mood_filter, "happy", 10, 12)
    assert watch(mood_filter, "happy", 3, 4)[-1].emotion == "happy"
    assert watch(mood_filter, "sad", 4, 5)[-1].emotion == "sad"


def test_scores_add_up_to_one_and_confidence_is_the_named_ones() -> None:
    """Home Assistant shows them as shares."""
    mood = watch(MoodFilter(MoodRules()), "angry", 0, 3)[-1]
    assert sum(mood.scores) == pytest.approx(1)
    assert mood.confidence == pytest.approx(mood.scores[EMOTIONS.index("angry")])
