"""Threads meet in a slot that holds one frame and in queues that drop; nothing slow holds up vision."""

from __future__ import annotations

import time
from threading import Event, Thread

from howsitgoing_edge.errors import TransientError
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.runtime.worker import SinkWorker


class Recorder:
    """A sink that can be held up and made to fail."""

    name = "recorder"

    def __init__(self) -> None:
        self.got: list[int] = []
        self.open = Event()
        self.open.set()
        self.done = Event()

    def handle(self, message: int) -> None:
        self.open.wait(10)
        if message < 0:
            raise TransientError("cannot deliver this one")
        self.got.append(message)
        if message == 99:
            self.done.set()


def test_the_slot_keeps_only_the_newest() -> None:
    """An old frame is worth nothing."""
    slot: LatestSlot[int] = LatestSlot()
    for item in range(5):
        slot.put(item)
    assert slot.take(0) == 4
    assert slot.take(0) is None
    assert slot.replaced == 4


def test_a_clip_hands_over_every_frame() -> None:
    """--fast processes each frame, however slow the reader."""
    slot: LatestSlot[int] = LatestSlot()
    Thread(target=lambda: [slot.put_wait(item) for item in range(50)] and slot.close(), daemon=True).start()
    taken = []
    while not slot.closed:
        item = slot.take(5)
        taken += [] if item is None else [item]
    assert taken == list(range(50))


def test_closing_frees_who_waits() -> None:
    """An agent that stops must not hang in its own slot."""
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    results: list[bool] = []
    waiting = Thread(target=lambda: results.append(slot.put_wait(2)))
    waiting.start()
    slot.close()
    waiting.join(5)
    assert results == [False]


def test_a_held_up_sink_never_blocks_and_drops_the_oldest() -> None:
    """A dead broker must not delay what is spoken."""
    sink = Recorder()
    sink.open.clear()
    worker = SinkWorker(sink, capacity=4)
    begun = time.monotonic()
    for message in [*range(20), 99]:
        worker.offer(message)
    assert time.monotonic() - begun < 5
    assert worker.waiting <= 4
    sink.open.set()
    assert sink.done.wait(5)
    worker.close()
    assert sink.got[-4:] == [17, 18, 19, 99]
    assert worker.dropped == 21 - len(sink.got)


def test_a_failing_message_is_dropped_and_the_next_is_delivered() -> None:
    """One refused message must not end a sink."""
    sink = Recorder()
    worker = SinkWorker(sink)
    for message in (1, -1, 99):
        worker.offer(message)
    assert sink.done.wait(5)
    worker.close()
    assert sink.got == [1, 99]
    assert worker.dropped == 1


def test_what_a_sink_does_not_want_takes_no_place_in_its_queue() -> None:
    """Moods come with every frame; they must not push an event out, nor make a full disk look well again."""
    sink = Recorder()
    sink.open.clear()
    worker = SinkWorker(sink, capacity=2, wants=lambda number: number % 2 == 1)
    for number in (1, 2, 4, 6, 8, 99):
        worker.offer(number)
    sink.open.set()
    assert sink.done.wait(5)
    worker.close()
    assert (sink.got, worker.dropped) == ([1, 99], 0)
