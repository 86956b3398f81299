"""What waits while there is no connection, and what of it is still sent."""

from __future__ import annotations

import pytest

from howsitgoing_edge.contract import Topic
from howsitgoing_edge.mqtt.waiting import LIFE, ROOM, STATE_FIRST, Letter, Waiting


def everything(waiting: Waiting, now: float = 0) -> list[tuple[str, bytes]]:
    letters: list[Letter] = []
    while (letter := waiting.take(now)) is not None:
        letters.append(letter)
    return [(letter.kind, letter.payload) for letter in letters]


def test_of_a_state_only_the_newest_is_sent() -> None:
    """A slow network must not be filled with moods that are over."""
    waiting = Waiting()
    for payload in (b"sad", b"happy"):
        waiting.put(Topic.MOOD, payload, 0)
    assert len(waiting) == 1
    assert everything(waiting) == [("mood", b"happy")]
    assert everything(waiting) == []


def test_state_is_kept_as_long_as_it_takes_and_sent_again_after_a_connect() -> None:
    """The broker may have forgotten it, or may have published our last will meanwhile."""
    waiting = Waiting()
    for kind in (Topic.AVAILABILITY, Topic.HEALTH, Topic.MOOD, Topic.SETTINGS, Topic.INFO):
        waiting.put(kind, kind.encode(), 0)
    assert [kind for kind, _ in everything(waiting, 1e9)] == list(STATE_FIRST)
    waiting.send_state_again()
    assert [kind for kind, _ in everything(waiting, 1e9)] == list(STATE_FIRST)


def test_state_goes_before_news_and_online_is_the_last_of_it() -> None:
    """Who hears the news, or sees the device come online, finds the state up to date."""
    waiting = Waiting()
    waiting.put(Topic.EVENT, b"1", 0)
    waiting.put(Topic.AVAILABILITY, b"online", 0)
    waiting.put(Topic.MOOD, b"happy", 0)
    assert [kind for kind, _ in everything(waiting)] == ["mood", "availability", "event"]


def test_news_is_handed_out_once_and_in_order() -> None:
    """A reconnect never repeats an event."""
    waiting = Waiting()
    for number in (b"1", b"2", b"3"):
        waiting.put(Topic.EVENT, number, 0)
    assert [payload for _, payload in everything(waiting)] == [b"1", b"2", b"3"]
    waiting.send_state_again()
    assert everything(waiting) == []


@pytest.mark.parametrize("kind", LIFE)
def test_what_is_no_news_any_more_is_dropped_and_counted(kind: Topic) -> None:
    """An automation must not greet a smile that is long gone."""
    waiting = Waiting()
    waiting.put(kind, b"old", 0)
    waiting.put(kind, b"new", LIFE[kind] / 2) if ROOM[kind] > 1 else None
    kept = everything(waiting, LIFE[kind])
    assert [payload for _, payload in kept] == ([b"new"] if ROOM[kind] > 1 else [])
    assert waiting.dropped == {kind: 1}


@pytest.mark.parametrize("kind", ROOM)
def test_a_full_queue_drops_the_oldest_of_its_kind_and_counts_it(kind: Topic) -> None:
    """A broker that is away for days must not fill the memory."""
    waiting = Waiting()
    other = Topic.ERROR if kind is Topic.EVENT else Topic.EVENT
    waiting.put(other, b"other", 0)
    for number in range(ROOM[kind] + 5):
        waiting.put(kind, str(number).encode(), 0)
    assert waiting.dropped == {kind: 5}
    left = everything(waiting)
    assert (other, b"other") in left
    assert [payload for k, payload in left if k == kind] == [str(n).encode() for n in range(5, ROOM[kind] + 5)]


@pytest.mark.parametrize("kind", [Topic.SET, Topic.SAY, Topic.UPDATE])
def test_the_device_does_not_command_itself(kind: Topic) -> None:
    """It would obey."""
    with pytest.raises(ValueError, match="is a command"):
        Waiting().put(kind, b"", 0)
