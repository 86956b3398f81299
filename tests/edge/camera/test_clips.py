"""Films, GIFs, pictures and folders, read from real files."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from support.films import number_in, numbered, write_film, write_gif, write_picture

from howsitgoing_edge.camera.picture import LONGEST_SIDE
from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.errors import SourceError
from howsitgoing_edge.settings import CameraSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from howsitgoing_edge.core.ports import FrameSource
    from howsitgoing_edge.core.types import Frame


def opened(path: Path, pace: Pace = Pace.FAST, *, repeat: bool = False, rotate: int = 0) -> FrameSource:
    return open_source(CameraSettings.model_validate({"source": str(path), "rotate": rotate}), pace, repeat=repeat)


def frames_of(source: FrameSource) -> Iterator[Frame]:
    while (frame := source.read()) is not None:
        yield frame
    source.close()
    source.close()  # may be called twice


@pytest.mark.parametrize(("name", "codec"), [("film.mp4", "mp4v"), ("film.avi", "MJPG")])
def test_fast_gives_every_frame_of_a_film_with_the_films_own_time(tmp_path: Path, name: str, codec: str) -> None:
    """Replays and benchmarks must see what happened, when it happened, however slow the machine."""
    frames = list(frames_of(opened(write_film(tmp_path / name, 30, 12.5, codec))))
    assert [number_in(frame.image) for frame in frames] == list(range(30))
    assert [frame.number for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([number / 12.5 for number in range(30)], abs=0.002)


def test_a_gif_keeps_the_duration_of_each_picture(tmp_path: Path) -> None:
    """GIFs have no frame rate; a still of two seconds is not a tenth of a second."""
    frames = list(frames_of(opened(write_gif(tmp_path / "a.gif", [100, 500, 40, 1000, 200]))))
    assert [number_in(frame.image) for frame in frames] == list(range(5))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.6, 0.64, 1.64])


def test_realtime_keeps_the_films_pace_and_drops_what_is_late(tmp_path: Path) -> None:
    """A camera does not wait for a slow machine, so neither does its stand-in."""
    source = opened(write_film(tmp_path / "film.mp4", 25, 25), Pace.REALTIME)
    begun = time.monotonic()
    seen = []
    for frame in frames_of(source):
        age = time.monotonic() - frame.time
        assert -0.001 <= age < 0.15, "a frame is given when it is due, on the steady clock"
        seen.append(number_in(frame.image))
        time.sleep(0.1)  # the slow machine
    assert source.live
    assert 0.9 <= time.monotonic() - begun < 2
    assert 6 <= len(seen) <= 12
    assert seen == sorted(set(seen))


def test_a_repeated_clip_goes_on_in_time(tmp_path: Path) -> None:
    """The demo clip plays for days; time must not jump back, nor a frame be given twice at one moment."""
    source = opened(write_film(tmp_path / "film.mp4", 5, 10), repeat=True)
    frames = [frame for frame, _ in zip(frames_of(source), range(12), strict=False)]
    assert [number_in(frame.image) for frame in frames] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert [frame.time for frame in frames] == pytest.approx([number / 10 for number in range(12)], abs=0.002)
    assert [frame.number for frame in frames] == list(range(12))


def test_a_gif_of_one_picture_can_be_repeated(tmp_path: Path) -> None:
    """Its only picture has no length of its own; time goes on nevertheless."""
    source = opened(write_gif(tmp_path / "one.gif", [100]), Pace.REALTIME, repeat=True)
    first, second = (frame for frame, _ in zip(frames_of(source), range(2), strict=False))
    assert second.time > first.time


def test_the_pictures_of_a_folder_come_as_people_number_them(tmp_path: Path) -> None:
    """2 before 10; other files in the folder are nobody's mistake."""
    for number in (10, 2, 1):
        write_picture(tmp_path / f"Face {number}.png", number)
    (tmp_path / "notes.txt").write_text("hello")
    frames = list(frames_of(opened(tmp_path)))
    assert [number_in(frame.image) for frame in frames] == [1, 2, 10]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2])


def test_a_damaged_picture_in_a_folder_is_skipped_and_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One bad file of a thousand must neither end the replay nor pass unnoticed."""
    for number in range(4):
        write_picture(tmp_path / f"{number}.jpg", number)
    whole = (tmp_path / "2.jpg").read_bytes()
    (tmp_path / "2.jpg").write_bytes(whole[: len(whole) // 2])
    source = opened(tmp_path, repeat=True)
    with caplog.at_level(logging.WARNING):
        frames = [frame for frame, _ in zip(frames_of(source), range(7), strict=False)]
    assert [number_in(frame.image) for frame in frames] == [0, 1, 3, 0, 1, 3, 0]
    assert [record.message for record in caplog.records] == [
        f"skipped: {tmp_path / '2.jpg'} is damaged, cut off, or no picture"
    ]


def test_a_picture_is_shown_for_a_while(tmp_path: Path) -> None:
    """A single frame would never be believed."""
    frames = list(frames_of(opened(write_picture(tmp_path / "face.png", 7))))
    assert {number_in(frame.image) for frame in frames} == {7}
    assert frames[-1].time == pytest.approx(1.9)


def test_pictures_are_bgr_whatever_the_file_holds(tmp_path: Path) -> None:
    """Gray, transparent or 16 bits deep: the detectors get three bytes a pixel."""
    cv2.imwrite(str(tmp_path / "1.png"), np.full((40, 50), 7, np.uint8))
    cv2.imwrite(str(tmp_path / "2.png"), np.full((40, 50, 4), 7, np.uint8))
    cv2.imwrite(str(tmp_path / "3.png"), np.full((40, 50, 3), 7 * 256, np.uint16))
    for frame in frames_of(opened(tmp_path)):
        assert frame.image.shape == (40, 50, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        assert (frame.image == 7).all()


def test_a_huge_picture_is_made_smaller(tmp_path: Path) -> None:
    """A phone's photograph would cost a Pi seconds and its memory."""
    cv2.imwrite(str(tmp_path / "huge.jpg"), cv2.resize(numbered(5), (4000, 3000)))
    frame = opened(tmp_path / "huge.jpg").read()
    assert frame is not None
    assert frame.image.shape == (LONGEST_SIDE * 3 // 4, LONGEST_SIDE, 3)
    assert number_in(frame.image) == 5


@pytest.mark.parametrize(("rotate", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_pictures_are_turned_clockwise(tmp_path: Path, rotate: int, corner: tuple[int, int]) -> None:
    """A camera mounted on its side sees faces that no detector finds."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[0, 0] = 255
    cv2.imwrite(str(tmp_path / "x.png"), image)
    frame = opened(tmp_path / "x.png", rotate=rotate).read()
    assert frame is not None
    assert frame.image.shape == ((40, 60, 3) if rotate % 180 == 0 else (60, 40, 3))
    assert (frame.image[corner] == 255).all()
    assert frame.image.flags.c_contiguous


def _cut(path: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: folder / "none.mp4", "no such file"),
        (lambda folder: _written(folder / "a.mp4", b""), "is empty"),
        (lambda folder: _written(folder / "a.png", b""), "is empty"),
        (lambda folder: _written(folder / "a.mp4", bytes(range(256)) * 20), "is damaged"),
        (lambda folder: _cut(write_film(folder / "a.mp4", 20, 10)), "is damaged, cut off"),
        (lambda folder: _cut(write_picture(folder / "a.png", 1)), "is damaged, cut off"),
        (lambda folder: _cut(write_picture(folder / "a.jpg", 1)), "is damaged, cut off"),
        (lambda folder: folder, "holds no pictures"),
        (lambda folder: _written(folder / "a.png", b"\x89PNG nonsense").parent, "none of its 1 pictures can be read"),
    ],
    ids=["missing", "empty-film", "empty-picture", "junk", "cut-film", "cut-png", "cut-jpeg", "empty-folder", "damaged-folder"],
)
def test_what_can_never_be_played_is_refused_by_name(tmp_path: Path, make: object, says: str) -> None:
    """A person must see which file is wrong, and how; trying again would not help."""
    assert callable(make)
    path = make(tmp_path)
    with pytest.raises(SourceError, match=says) as refused:
        opened(path)
    assert str(path) in str(refused.value)


def test_a_film_that_breaks_off_is_played_as_far_as_it_goes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was recorded before the card was pulled out is worth having, but nobody should take it for the whole."""
    path = _cut(write_film(tmp_path / "film.avi", 40, 10, "MJPG"))
    numbers = [number_in(frame.image) for frame in frames_of(opened(path))]
    assert 10 < len(numbers) < 30
    assert numbers == list(range(len(numbers)))
    assert f"{path} is cut off: {len(numbers)} of 40 frames could be read" in caplog.messages
