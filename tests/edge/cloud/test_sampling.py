"""Besides changes a few readings that nobody chose, and a few that were hard: what a data team needs, and no more of it."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import mean

import numpy as np
import pytest

from howsitgoing_edge.cloud.drafts import Draft, Sight
from howsitgoing_edge.cloud.sampling import Rates, Sampler
from howsitgoing_edge.cloud.watching import Watch
from howsitgoing_edge.contract import EMOTIONS, Model, Mood, MoodChange
from howsitgoing_edge.core.types import Box, Face, Pixels
from howsitgoing_edge.core.types import Mood as CoreMood

HOURS = 50
FPS = 2
AT = "2026-01-31T12:00:00.000Z"
FACE = Face(Box(1, 1, 2, 2), 0.9)
PICTURE: Pixels = np.zeros((4, 4, 3), np.uint8)


def _mood(time: float, emotion: str = "happy", confidence: float = 0.9) -> CoreMood:
    return CoreMood(emotion, confidence, (1 / 7,) * 7, 1, 0.0, time, 3)


def _watch(moods: list[CoreMood], rates: Rates, seed: int = 0) -> list[tuple[float, str]]:
    sampler = Sampler(rates, Random(seed))  # noqa: S311  nothing secret
    return [(mood.time, chosen) for mood in moods if (chosen := sampler.choose(mood)) is not None]


def _hours(emotion: str = "happy", confidence: float = 0.9) -> list[CoreMood]:
    return [_mood(number / FPS, emotion, confidence) for number in range(HOURS * 3600 * FPS)]


def test_random_readings_come_as_often_as_wished_and_at_no_preferred_moment() -> None:
    """Their share of each expression is then the camera's own: the yardstick for everything else in the dataset."""
    taken = [time for time, _ in _watch(_hours(), Rates(random=6, unsure=0))]
    assert len(taken) == pytest.approx(6 * HOURS, rel=0.2)
    gaps = np.diff(taken)
    assert np.std(gaps) == pytest.approx(mean(gaps), rel=0.25), "exponential: as if by the throw of dice at each moment"


def test_time_without_a_readable_face_does_not_count() -> None:
    """Else whoever comes after a long pause would always be photographed first."""
    seen = [_mood(hour * 3600 + number / FPS) for hour in range(HOURS) for number in range(60 * FPS)]
    assert len(_watch(seen, Rates(random=6, unsure=0))) == pytest.approx(6 * HOURS / 60, abs=6)


def test_unsure_readings_are_limited_and_spread() -> None:
    """A face in bad light for an hour is one lesson, not a thousand."""
    taken = [time for time, _ in _watch(_hours("unsure", 0.3), Rates(random=0, unsure=4))]
    assert 3.5 * HOURS <= len(taken) <= 4 * HOURS + 1
    assert min(np.diff(taken)) >= 900


LASTING = Rates(random=0, unsure=0, lasting=60)


def test_distress_that_lasts_is_told_each_minute() -> None:
    """Nothing changes, so nothing else would tell the carer; its begin is a change, and told as such."""
    moods = [_mood(number / FPS, "sad") for number in range(10 * 60 * FPS)]
    assert _watch(moods, LASTING) == [(60.0 * minute, "lasting") for minute in range(1, 10)]


def test_a_blink_or_another_distress_does_not_begin_it_anew() -> None:
    """Else a face that is hard to read would never be told of."""
    emotions = ["sad"] * 50 + ["unsure"] * 3 + ["angry"] * 50 + ["none"] * 3 + ["fear"] * 50
    moods = [_mood(float(second), emotion) for second, emotion in enumerate(emotions)]
    assert [time for time, _ in _watch(moods, LASTING)] == [60.0, 120.0]


def test_new_distress_begins_anew_and_other_looks_are_not_told() -> None:
    """A minute after the change, not at once."""
    emotions = ["sad"] * 70 + ["happy"] * 300 + ["sad"] * 70
    moods = [_mood(float(second), emotion) for second, emotion in enumerate(emotions)]
    assert [time for time, _ in _watch(moods, LASTING)] == [60.0, 430.0]
    assert _watch(moods, Rates(random=0, unsure=0)) == []


@pytest.mark.parametrize(("emotion", "confidence"), [("unsure", 0.9), ("happy", 0.4)])
def test_both_kinds_of_doubt_count(emotion: str, confidence: float) -> None:
    """The filter's word for it, and a belief that hardly carries."""
    assert {why for _, why in _watch(_hours(emotion, confidence)[:7200], Rates(random=0, unsure=4))} == {"unsure"}


def test_a_clear_face_is_never_taken_as_unsure_and_nothing_is_taken_at_rates_of_0() -> None:
    """Switched off is off."""
    assert _watch(_hours(), Rates(random=0, unsure=60)) == []
    assert _watch(_hours("unsure", 0.1), Rates(random=0, unsure=0)) == []


def test_the_moment_within_a_doubtful_spell_is_left_to_chance() -> None:
    """Always its beginning would show faces in motion alone."""
    delays = []
    for seed in range(60):
        spell = [_mood(number / 10, "unsure", 0.3) for number in range(50)]
        delays.append(_watch(spell, Rates(random=0, unsure=4), seed)[0][0])
    assert min(delays) < 0.5
    assert max(delays) > 1.5


def _change(emotion: str = "sad") -> MoodChange:
    scores = dict.fromkeys(EMOTIONS, 1 / 7)
    return MoodChange("019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4", "happy", emotion, 0.9, scores, AT, AT, 7, Model("m", "0" * 64))


def _look(*sights: tuple[MoodChange | None, Sight], rates: Rates = Rates(0, 0), pictures: bool = True) -> list[Draft]:  # noqa: B008  frozen
    drafts: list[Draft] = []
    watch = Watch(
        Sampler(rates, Random(1)),  # noqa: S311  nothing secret
        drafts.append,
        cut=(lambda image, _face: image.copy()) if pictures else None,
        as_message=lambda mood: Mood(mood.emotion, mood.confidence, {}, 0, 1, AT, AT),
    )
    for change, sight in sights:
        if change is not None:
            watch.change(change)
        watch.look(sight)
    return drafts


def test_every_change_is_taken_with_the_face_of_its_frame() -> None:
    """The picture must show what the words say."""
    (draft,) = _look((None, Sight(PICTURE, _mood(0), FACE, 0.9)), (_change(), Sight(PICTURE + 1, _mood(1, "sad"), FACE, 0.8)))
    assert (draft.reason, draft.previous, draft.track, draft.readable) == ("change", "happy", 7, 0.8)
    assert draft.picture is not None
    assert draft.picture.max() == 1


def test_a_change_without_a_readable_face_is_words_alone() -> None:
    """A turned or blurred face teaches nothing, and is nobody's to keep."""
    (draft,) = _look((_change(), Sight(PICTURE, _mood(1, "sad"), None, None)))
    assert draft.picture is None


def test_without_consent_to_faces_no_picture_is_even_cut() -> None:
    """What does not exist cannot leak."""
    (draft,) = _look((_change(), Sight(PICTURE, _mood(1, "sad"), FACE, 0.9)), pictures=False)
    assert draft.picture is None


def test_a_chosen_reading_says_what_was_before() -> None:
    """And carries its own reason, so that nobody mistakes it for a change."""
    sights: list[tuple[MoodChange | None, Sight]] = [(None, Sight(PICTURE, _mood(0, "sad"), FACE, 0.9))]
    sights += [(None, Sight(PICTURE, _mood(number, "unsure", 0.3), FACE, 0.2)) for number in range(1, 9)]
    drafts = _look(*sights, rates=Rates(0, 60))
    assert Counter((draft.reason, draft.previous, draft.reading.emotion) for draft in drafts) == {
        ("unsure", "sad", "unsure"): 1
    }


def test_that_distress_lasts_is_said_without_a_picture() -> None:
    """One face for an hour teaches nothing that its first picture did not; the carer's alert needs no picture."""
    moods = [_mood(float(second), "sad") for second in range(70)]
    (draft,) = _look(*((None, Sight(PICTURE, mood, FACE, 0.9)) for mood in moods), rates=LASTING)
    assert (draft.reason, draft.reading.emotion, draft.picture) == ("lasting", "sad", None)
