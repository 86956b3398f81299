"""What of the words reaches the loudspeaker, and how soon: real phrases into PipeWire, recorded from its monitor.

True digital silence is a gap, since the agent's stream never holds any. The sound server makes gaps of its own on a busy
machine, so the same is counted of a file that ``pacat`` plays with a whole second in hand.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Final

import numpy as np
from support.sound import RATE, SoundServer, until
from support.speaking import news, wake

from howsitgoing_edge.contract import EMOTIONS, Settings
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech.espeak import Espeak
from howsitgoing_edge.speech.speaker import Speaker
from howsitgoing_edge.speech.voices import VoicePack

from .lines import Line
from .running import environment, folder, sleep_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from howsitgoing_edge.core.cues import Cue

_GAP: Final = RATE // 200
"""Samples of true silence that count: 5 ms"""
_LATEST: Final = 0.6
"""Seconds after handing over within which a phrase has begun to sound"""


def bench(cues: int) -> list[Line]:
    """So many phrases, all emotions in turn."""
    with ExitStack() as things:
        place = things.enter_context(folder())
        server = things.enter_context(SoundServer(place / "s"))
        server.plug_in("speaker")
        things.enter_context(environment(server.variables))
        delays, gaps, seconds = _spoken(server, cues)
        with _playing(place, seconds), server.listening("speaker") as ear:
            sleep_until(time.monotonic() + 2)
            begun = ear.seconds
            until(lambda: ear.seconds > begun + seconds, "the file is heard", seconds + 20)
            alone = len(_silences(ear.samples[round(begun * RATE) :])) / seconds * 60
    load = f"load {os.getloadavg()[0]:.1f}"
    note = f"the sound server's own, of a file: {alone:.1f}; {load}"
    return [
        Line(
            "speech",
            "decision to the first sample in the player's pipe, p50",
            float(np.percentile(delays, 50)),
            "ms",
            note=load,
        ),
        Line("speech", "decision to the first sample in the player's pipe, p95", float(np.percentile(delays, 95)), "ms"),
        Line("speech", "gaps a minute of phrases", sum(gaps) / seconds * 60, note=note),
        Line("speech", f"phrases with a gap, of {cues}", 100 * float(np.mean(np.array(gaps) > 0)), "%"),
    ]


def _spoken(server: SoundServer, cues: int) -> tuple[list[float], list[int], float]:
    """Milliseconds from each decision to its first sample, gaps in each phrase, and seconds of phrases."""
    delays: list[float] = []
    handed = Event()

    def told(cue: Cue, at: float) -> None:
        delays.append(1000 * (at - cue.since))
        handed.set()

    words = VoicePack("en", None, Espeak())
    speaker = Speaker(SpeechSettings(min_gap=0), Settings(), on_spoken=told)
    gaps, seconds = [], 0.0
    try:
        wake(speaker)
        with server.listening("speaker") as ear:
            for number in range(cues):
                emotion = EMOTIONS[number % len(EMOTIONS)]
                handed.clear()
                begun, lasts = ear.seconds, len(words.phrase(emotion)) / RATE
                speaker.change(news(emotion))
                handed.wait(5)
                until(lambda end=begun + lasts + _LATEST: ear.seconds > end, "it has been heard")  # type: ignore[misc]
                gaps.append(len(_silences(ear.samples[round(begun * RATE) :])))
                seconds += lasts + _LATEST
    finally:
        speaker.close()
    return delays, gaps, seconds


def _silences(heard: npt.NDArray[np.float32]) -> list[int]:
    """Lengths of the gaps, in samples."""
    sounding = np.flatnonzero(np.concatenate([[True], heard != 0, [True]]))
    lengths = np.diff(sounding) - 1
    return [int(length) for length in lengths[lengths >= _GAP]]


@contextmanager
def _playing(place: Path, seconds: float) -> Iterator[None]:
    """A file of noise, by a player that needs nobody."""
    file = place / "noise.raw"
    np.random.default_rng(0).normal(0, 3000, round((seconds + 30) * RATE)).astype("<i2").tofile(file)
    options = ["--playback", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=1000"]
    player = subprocess.Popen(["pacat", *options, str(file)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        player.kill()
        player.wait()
