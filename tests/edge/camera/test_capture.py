"""The camera is kept going: lost, frozen, hung, switched off and on, against real streams and real hanging threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.films import number_in, numbered, write_film
from support.mjpeg import MjpegCamera
from support.waiting import until

from howsitgoing_edge.camera.base import Source
from howsitgoing_edge.camera.sources import Pace, SourceOpener
from howsitgoing_edge.core.ports import FrameSource
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.runtime.capture import CameraState, Capture
from howsitgoing_edge.runtime.sifting import Thinning
from howsitgoing_edge.runtime.slot import LatestSlot
from howsitgoing_edge.settings import CameraSettings

OK, OFF, LOST, FROZEN, OPENING = CameraState.OK, CameraState.OFF, CameraState.LOST, CameraState.FROZEN, CameraState.OPENING


class Rig:
    """A capture with small limits, and what it said."""

    def __init__(self, opener: Callable[[], FrameSource], **limits: float) -> None:
        self.slot: LatestSlot[Frame] = LatestSlot()
        self.states: list[CameraState] = []
        self.sentences: list[str] = []
        self.ends: list[SourceError | None] = []
        self.capture = Capture(
            opener,
            self.slot,
            fps=limits.get("fps", 60),
            silent_after=limits.get("silent_after", 1),
            frozen_after=limits.get("frozen_after", 20),
            on_state=self._note,
            on_end=self.ends.append,
            backoff=Backoff(first=0.05, most=0.2),
        )

    def _note(self, state: CameraState, sentence: str) -> None:
        self.states.append(state)
        self.sentences.append(sentence)

    def becomes(self, state: CameraState, within: float = 10) -> None:
        until(lambda: self.states[-1:] == [state], within)

    def frame(self) -> Frame:
        frame = self.slot.take(5)
        assert frame is not None
        return frame


@contextmanager
def watching(opener: Callable[[], FrameSource], **limits: float) -> Iterator[Rig]:
    rig = Rig(opener, **limits)
    rig.capture.start()
    try:
        yield rig
    finally:
        begun = time.monotonic()
        rig.capture.stop()
        rig.slot.close()
        assert time.monotonic() - begun < 1.1, "stop() returns within a second, whatever the camera does"


def stream(camera: MjpegCamera) -> SourceOpener:
    return SourceOpener(CameraSettings(source=camera.address, silent_after=1), Pace.REALTIME)


class Brittle(Source):
    """A camera whose next `grab` does what a test wants."""

    live = True
    can_freeze = True
    description = "brittle camera"

    def __init__(self, grab: Callable[[], object]) -> None:
        self._grab = grab
        self._number = 0
        self.closed = threading.Event()

    def grab(self) -> float | None:
        self._grab()
        self._number += 1
        return time.monotonic()

    def retrieve(self) -> Frame | None:
        return Frame(numbered(self._number % 256), time.monotonic(), self._number)

    def close(self) -> None:
        self.closed.set()


def test_a_camera_that_goes_away_and_comes_back_is_opened_again() -> None:
    """Somebody trips over the cable: the wearer hears of it, and needs to do nothing once it is back."""
    tries = []
    with MjpegCamera() as camera:
        opener = stream(camera)

        def counted() -> FrameSource:
            tries.append(1)
            return opener()

        with watching(counted) as rig:
            rig.becomes(OK)
            camera.switch_off()
            rig.becomes(LOST)
            until(lambda: len(tries) > 3)
            camera.switch_on()
            rig.becomes(OK)
            assert rig.frame() is not None
            assert rig.states == [OPENING, OK, LOST, OK], "tries in vain are no news"
            assert "stopped giving pictures" in rig.sentences[2]


def test_a_stream_that_falls_silent_is_lost_although_it_is_connected() -> None:
    """The commonest death of cheap network cameras."""
    with MjpegCamera() as camera, watching(stream(camera)) as rig:
        rig.becomes(OK)
        camera.mode = "stalled"
        rig.becomes(LOST, within=3)
        camera.mode = "giving"
        rig.becomes(OK)


def test_a_camera_that_repeats_one_picture_is_frozen_until_the_picture_changes() -> None:
    """A hung camera shows a smile for ever; it must not be read as one, nor be called well because it was opened again."""
    with MjpegCamera() as camera, watching(stream(camera), frozen_after=0.6) as rig:
        rig.becomes(OK)
        camera.mode = "frozen"
        rig.becomes(FROZEN)
        rig.slot.take(0.2)
        assert rig.slot.take(1.5) is None, "the same old picture is not handed on, opened again or not"
        assert rig.states == [OPENING, OK, FROZEN]
        assert "very same picture" in rig.sentences[-1]
        camera.mode = "giving"
        rig.becomes(OK)


def test_a_camera_that_hangs_in_a_read_is_noticed_and_left_behind() -> None:
    """A driver may never return; a fresh opening may work nevertheless."""
    hang = threading.Event()
    hung = Brittle(lambda: hang.wait(30))
    well = Brittle(lambda: time.sleep(0.01))
    sources = iter([hung, well])
    with watching(lambda: next(sources), silent_after=0.3) as rig:
        rig.becomes(LOST, within=3)
        assert rig.sentences[-1] == "brittle camera has been silent for 0.3 s"
        rig.becomes(OK)
        hang.set()
        assert hung.closed.wait(2), "it is closed as soon as it lets go"


def test_a_camera_that_is_slow_to_open_and_then_hangs_is_lost_in_its_usual_time() -> None:
    """Opening may take long; what is open has to give pictures."""
    hang = threading.Event()

    def opener() -> FrameSource:
        time.sleep(0.5)  # of a camera that looks for its exposure
        return Brittle(lambda: hang.wait(30))

    with watching(opener, silent_after=0.3) as rig:
        rig.becomes(LOST, within=3)
        assert rig.sentences[-1] == "brittle camera has been silent for 0.3 s"
        hang.set()


def test_a_slow_opening_is_no_silence() -> None:
    """Its first picture may come as late after the opening as any other after the one before."""

    def opener() -> FrameSource:
        time.sleep(0.6)
        return Brittle(lambda: time.sleep(0.2))

    with watching(opener, silent_after=0.5) as rig:
        rig.becomes(OK)
        assert rig.states == [OPENING, OK]


def test_stopping_takes_a_second_at_most_even_if_the_camera_hangs() -> None:
    """The service has to end in time, or it is killed before it can say goodbye."""
    hang = threading.Event()
    source = Brittle(lambda: hang.wait(30))
    with watching(lambda: source):
        time.sleep(0.1)  # in the midst of the read; `watching` measures the rest
    hang.set()
    assert source.closed.wait(2)


def test_hanging_openings_do_not_pile_up() -> None:
    """A camera that hangs all night must not fill the memory with threads."""
    hang = threading.Event()
    opened = []

    def opener() -> FrameSource:
        opened.append(1)
        return Brittle(lambda: hang.wait(30))

    with watching(opener, silent_after=0.05):
        until(lambda: len(opened) == 3)
        time.sleep(2)
        assert len(opened) == 3
        hang.set()
        until(lambda: len(opened) > 3)


def test_a_surprise_from_a_camera_library_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Libraries raise what they like."""
    sources: Iterator[Callable[[], object]] = iter([lambda: 1 / 0, lambda: time.sleep(0.01)])
    with watching(lambda: Brittle(next(sources))) as rig:
        rig.becomes(OK)
        assert rig.states == [OPENING, LOST, OK]
        assert "ZeroDivisionError" in rig.sentences[1]
        assert "unexpected" in caplog.text


def test_switching_off_releases_the_camera_within_a_second_and_on_opens_it() -> None:
    """Off is a promise to the person in front of it: the camera itself can see that nobody watches."""
    with MjpegCamera(fps=5) as camera, watching(stream(camera)) as rig:
        rig.becomes(OK)
        assert camera.viewers == 1
        rig.capture.pause()
        until(lambda: camera.viewers == 0, within=1)
        rig.becomes(OFF, within=1)
        rig.slot.take(0.01)
        assert rig.slot.take(0.5) is None
        rig.capture.resume()
        rig.becomes(OK)
        assert rig.frame() is not None
        assert rig.states == [OPENING, OK, OFF, OPENING, OK]


def test_a_lost_camera_can_be_switched_off_and_on_without_waiting() -> None:
    """Somebody who put the cable back in and pressed the switch does not want to wait for the next try."""
    there = threading.Event()

    def opener() -> FrameSource:
        if there.is_set():
            return Brittle(lambda: time.sleep(0.01))
        raise CameraError("no camera")

    rig = Rig(opener)
    rig.capture._backoff = Backoff(first=60, most=60)
    rig.capture.start()
    rig.becomes(LOST)
    rig.capture.pause()
    rig.becomes(OFF, within=1)
    there.set()
    rig.capture.resume()
    rig.becomes(OK, within=1)
    rig.capture.stop()


def test_frames_are_never_stale_however_few_are_wanted() -> None:
    """Reading a stream slowly means reading its past; it is drained instead."""
    with MjpegCamera(fps=30) as camera, watching(stream(camera), fps=2.5) as rig:
        rig.frame()
        begun = time.monotonic()
        for _ in range(4):
            behind = camera.sent - number_in(rig.frame().image)
            assert behind <= 2
        assert 1.2 <= time.monotonic() - begun <= 2.2
        rig.capture.set_rate(30)
        begun = time.monotonic()
        for _ in range(10):
            rig.frame()
        assert time.monotonic() - begun < 1.2


@pytest.mark.parametrize(
    ("given", "wanted", "kept"), [(30, 10, 10), (25, 10, 10), (15, 10, 10), (10, 10, 10), (5, 10, 5), (30, 2.5, 2.5)]
)
def test_thinning_keeps_the_rate_wanted_although_cameras_are_unpunctual(given: float, wanted: float, kept: float) -> None:
    """Too many cost power, too few cost words."""
    thinning = Thinning(wanted)
    jitter = [0.004, -0.003, 0.0, 0.006, -0.005]
    taken = sum(thinning.wants(number / given + jitter[number % 5]) for number in range(round(given * 20)))
    assert taken / 20 == pytest.approx(kept, rel=0.06)


def test_every_frame_of_a_fast_clip_is_handed_on_with_its_own_time(tmp_path: Path) -> None:
    """However slow the one who takes them: a replay must not depend on the machine."""
    film = write_film(tmp_path / "film.mp4", 20, 10)
    with watching(SourceOpener(CameraSettings(source=str(film)), Pace.FAST), fps=1) as rig:
        frames: list[Frame] = []
        while len(frames) < 20:
            frames.append(rig.frame())
            time.sleep(0.005)
        assert [number_in(frame.image) for frame in frames] == list(range(20))
        assert frames[-1].time == pytest.approx(1.9, abs=0.01)
        until(lambda: rig.ends == [None])
        assert rig.states[-1] == OFF
        assert rig.sentences[-1].endswith("has ended")


def test_a_still_picture_is_no_frozen_camera(tmp_path: Path) -> None:
    """Clips may stand still."""
    opener = SourceOpener(CameraSettings(source=str(write_film(tmp_path / "f.avi", 1, 5, "MJPG"))), Pace.REALTIME, repeat=True)
    with watching(opener, frozen_after=0.2, silent_after=0.1) as rig:
        rig.becomes(OK)
        time.sleep(0.6)
        assert rig.states == [OPENING, OK]


def test_a_source_that_can_never_work_is_reported_once() -> None:
    """A wrong file name is for a person to put right; the agent ends or waits, as it likes."""
    with watching(SourceOpener(CameraSettings(source="no-such.mp4"), Pace.FAST)) as rig:
        until(lambda: rig.ends)
        assert rig.states == [OPENING, LOST]
        assert str(rig.ends[0]) == rig.sentences[-1] == "no-such.mp4: no such file"


def test_what_worked_once_is_tried_again_whatever_it_says() -> None:
    """A camera being restarted may for a moment deny its password; that must not end a device nobody looks after."""
    answers: Iterator[FrameSource | SourceError] = iter(
        [
            Brittle(iter([None, None]).__next__),  # two frames, then StopIteration: a library's surprise
            SourceError("wants a password"),
            Brittle(lambda: time.sleep(0.01)),
        ]
    )

    def opener() -> FrameSource:
        answer = next(answers)
        if isinstance(answer, SourceError):
            raise answer
        return answer

    with watching(opener) as rig:
        until(lambda: rig.states[-2:] == [LOST, OK])
        assert rig.ends == []


def test_tries_come_less_and_less_often_and_at_once_again_after_success() -> None:
    """A camera that is off all night must not be asked every second, nor one that was well for long be waited for."""
    backoff = Backoff(first=1, most=30)
    waits = [backoff.next() for _ in range(20)]
    assert all(0.5 * step <= wait <= step for wait, step in zip(waits, [1, 2, 4, 8, 16] + 15 * [30], strict=True))
    backoff.reset()
    assert backoff.next() <= 1
