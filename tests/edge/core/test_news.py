"""News: a change that lasts is told once; a bearing, an unclear moment and a reconnect are not news."""

from __future__ import annotations

from howsitgoing_edge.core.news import News
from howsitgoing_edge.core.types import Change, Mood


def tell(news: News, *states: tuple[str, float], fps: float = 10) -> list[Change]:
    """Changes while each state lasts for its seconds."""
    changes, number = [], 0
    for state, seconds in states:
        since = number / fps
        for _ in range(round(seconds * fps)):
            scores = () if state == "none" else (1 / 7,) * 7
            track = None if state == "none" else 1
            change = news.update(Mood(state, 0.9, scores, 1, since, number / fps, track))
            changes += [change] if change else []
            number += 1
    return changes


def test_the_first_reading_is_a_bearing() -> None:
    """A restart must not announce what was so before."""
    assert tell(News(0.3), ("happy", 3)) == []


def test_a_change_is_told_once_with_the_time_it_happened() -> None:
    """The household's automations count events."""
    (change,) = tell(News(0.3), ("neutral", 2), ("happy", 5))
    assert (change.previous, change.emotion, change.changed) == ("neutral", "happy", 2.0)
    assert 2.3 <= change.noticed < 2.5


def test_a_flicker_is_not_told() -> None:
    """What lasts less than the time to settle was not meant."""
    assert tell(News(0.5), ("neutral", 2), ("sad", 0.3), ("neutral", 2)) == []


def test_unsure_in_between_changes_nothing() -> None:
    """The same look after an unclear moment is not news."""
    assert tell(News(0.3), ("happy", 2), ("unsure", 2), ("happy", 2)) == []


def test_a_change_through_unsure_names_what_was_last_known() -> None:
    """Previous is what people were told before."""
    (change,) = tell(News(0.3), ("happy", 2), ("unsure", 2), ("sad", 2))
    assert change.previous == "happy"


def test_somebody_who_comes_is_news_and_somebody_who_leaves_is_not_an_event() -> None:
    """An event has an emotion; leaving is a state."""
    (change,) = tell(News(0.3), ("none", 3), ("happy", 2), ("none", 3))
    assert (change.previous, change.emotion) == ("none", "happy")


def test_the_same_emotion_after_an_absence_is_a_second_event() -> None:
    """Two people may look happy one after the other."""
    changes = tell(News(0.3), ("none", 3), ("happy", 2), ("none", 3), ("happy", 2))
    assert [change.emotion for change in changes] == ["happy", "happy"]
