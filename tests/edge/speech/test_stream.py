"""How far ahead is written: a player that fetches nothing for a while, as on a crowded machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from support.sound import until

from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.speech.mix import BLOCK_SECONDS, Mix
from howsitgoing_edge.speech.stream import Stream


@pytest.fixture
def held_up() -> Iterator[Stream]:
    """Its player fetches all there is, but only after a second."""
    with closing(Stream(["sh", "-c", "sleep 1; exec cat >/dev/null"])) as stream:
        yield stream


def _written(stream: Stream, *, ahead: bool) -> float:
    """Seconds of sound that the stream takes before it wants no more."""
    block, blocks = Mix(1.0).next_block(), 0
    while stream.room(0.0, ahead=ahead):
        stream.write(block)
        blocks += 1
    return blocks * BLOCK_SECONDS


def test_what_sounds_is_written_a_third_of_a_second_ahead(held_up: Stream) -> None:
    """So long may our thread be held up in mid-word, beyond what the player has in hand, without a gap."""
    assert 0.3 <= _written(held_up, ahead=True) <= 0.35


def test_near_silence_is_written_block_by_block(held_up: Stream) -> None:
    """What is written ahead would delay the next word."""
    assert _written(held_up, ahead=False) == BLOCK_SECONDS


def test_a_word_may_begin_while_the_block_before_it_is_not_yet_fetched(held_up: Stream) -> None:
    """It costs nothing, and the player need not have been there since."""
    assert _written(held_up, ahead=False) == BLOCK_SECONDS
    assert _written(held_up, ahead=True) >= 0.3 - BLOCK_SECONDS


def test_near_silence_waits_until_the_word_has_been_fetched(held_up: Stream) -> None:
    """From then on the pipe is shallow again."""
    _written(held_up, ahead=True)
    assert not held_up.room(0.02)
    until(lambda: held_up.room(0.02), "the player fetches it")
    until(lambda: held_up.room(0.02), "and all that comes after")


def test_a_player_that_ends_with_a_word_unfetched_is_noticed() -> None:
    """Else the loss of the loudspeaker would be told only after seconds."""
    with closing(Stream(["sh", "-c", "sleep 0.3; echo failure >&2"])) as stream:
        _written(stream, ahead=True)
        with pytest.raises(SpeakerError, match="failure"):
            until(lambda: stream.room(0.02) and False, "the end is noticed")
