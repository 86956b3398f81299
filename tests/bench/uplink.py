"""What the uplink costs a frame that causes a change, and what is left of many samples after everything has failed in turn."""

from __future__ import annotations

import sys
import threading
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from support.many_objects import emulators_for_many
from support.soak import Outcome, soak, wanted
from uuid_utils import uuid7

from howsitgoing_edge.cloud.assembly import make_uplink
from howsitgoing_edge.cloud.drafts import Sight
from howsitgoing_edge.cloud.identity import make_key
from howsitgoing_edge.cloud.uplink import Hands
from howsitgoing_edge.contract import EMOTIONS, Model, Mood, MoodChange
from howsitgoing_edge.core.types import Box, Face
from howsitgoing_edge.core.types import Mood as CoreMood
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.runtime.worker import SinkWorker
from howsitgoing_edge.settings import CloudSettings
from howsitgoing_edge.vision.picture import cut_face, sample_jpeg

from .lines import Line
from .running import folder

if TYPE_CHECKING:
    from howsitgoing_edge.cloud.uplink import Uplink

_CHANGES: Final = 300
_EVERY: Final = 0.01
"""Seconds between two frames: the worker has something to do meanwhile, and takes the processor now and then"""
_MODEL: Final = Model("bench", "0" * 64)
_AT: Final = "2026-01-31T12:00:00.000Z"
_SCORES: Final = dict.fromkeys(EMOTIONS, 1 / 7)


def bench(samples: int) -> list[Line]:
    """So many samples for the soak; the frames are always as many."""
    lines = _frames()
    try:
        return lines + _soak(samples)
    except pytest.skip.Exception as missing:  # the emulators are not installed; a frame's cost needs none
        return [*lines, Line("uplink", "soak: not measured", None, note=str(missing))]


def _frames() -> list[Line]:
    with folder() as home:
        make_key(home)
        settings = CloudSettings(share="faces", consent="C-1", url="http://127.0.0.1:9")  # nobody answers there
        hands = Hands(
            queue=lambda collector: SinkWorker(collector, 32),
            cut=cut_face,
            encode=sample_jpeg,
            quick=Backoff(),
            slow=Backoff(),
            as_message=lambda _mood: Mood("happy", 1.0, _SCORES, 0.0, 1, _AT, _AT),
            model=lambda: _MODEL,
        )
        uplink = make_uplink(settings, home, "bench", hands)
        assert uplink is not None
        uplink.start()
        spent = [_one(uplink, number) for number in range(_CHANGES)][20:]
        uplink.close()
        kept = uplink.waiting
    note = (
        f"640x480, a face of 240 pixels copied, {kept} of {_CHANGES} on the disk, one core shared with what it does meanwhile"
    )
    return [
        Line("uplink", "added to a frame with a change: median", median(spent), "ms", 1, note=note),
        Line("uplink", "added to a frame with a change: 95 of 100", quantiles(spent, n=20)[-1], "ms", 1),
    ]


def _one(uplink: Uplink, number: int) -> float:
    image = np.random.default_rng(number).integers(0, 255, (480, 640, 3), np.uint8)
    emotion = EMOTIONS[number % len(EMOTIONS)]
    change = MoodChange(str(uuid7()), "neutral", emotion, 0.9, _SCORES, _AT, _AT, 1, _MODEL)
    mood = CoreMood(emotion, 0.9, (1 / 7,) * 7, 1, number * _EVERY, number * _EVERY, 1)
    sight = Sight(image, mood, Face(Box(200, 120, 240, 240), 0.9), 0.9)
    threading.Event().wait(_EVERY)
    begun = time.perf_counter()
    uplink.offer(change)
    uplink.look(sight)
    return 1000 * (time.perf_counter() - begun)


def _soak(count: int) -> list[Line]:
    with folder() as home, emulators_for_many(home / "emulators") as cloud:
        outcome = soak(home / "device", count, cloud, rounds=max(1, count // 2500), told=_tell)
    return [
        Line("uplink", f"documents of {count} samples", len(outcome.stored), "", count, at_least=True, note=_note(outcome)),
        Line("uplink", "lost, or there without its crop", len(wanted(count) - outcome.crops), "", 0),
        Line("uplink", "documents that are none of ours", len(outcome.stored - wanted(count)), "", 0),
        Line("uplink", "samples a second, all failures included", count / outcome.seconds, "1/s"),
    ]


def _note(outcome: Outcome) -> str:
    return f"{outcome.kills} kills, lost answers, restarts of the function, 503s"


def _tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr)  # noqa: T201  it takes minutes
