"""The face in front: the nearest and most central one, and no flip-flop between several."""

from __future__ import annotations

import pytest

from howsitgoing_edge.core.front import Front, FrontFace
from howsitgoing_edge.core.types import Box, Face


def face(x: float, y: float, side: float) -> Face:
    """A face with its middle at (x, y)."""
    return Face(Box(x - side / 2, y - side / 2, side, side), 0.9)


def play(front: FrontFace, faces: list[Face], begin: float, end: float, fps: float = 10) -> list[Front | None]:
    """What is in front while ``faces`` are there."""
    return [front.update(faces, 640, 480, n / fps) for n in range(round(begin * fps), round(end * fps))]


def tracks(fronts: list[Front | None]) -> list[int]:
    """Numbers of the tracks, each once, in order."""
    found: list[int] = []
    for front in fronts:
        if front is not None and front.track not in found[-1:]:
            found.append(front.track)
    return found


def test_the_larger_and_more_central_face_is_in_front() -> None:
    """That is who the wearer looks at."""
    near, far = face(320, 240, 150), face(80, 200, 70)
    last = play(FrontFace(), [far, near], 0, 1)[-1]
    assert last is not None
    assert last.face is near


def test_two_faces_of_one_size_never_flip_flop() -> None:
    """The detector's boxes breathe by some pixels; the choice must not follow."""
    front = FrontFace()
    seen = []
    for n in range(200):
        wobble = 6 * (-1) ** n
        seen.append(front.update([face(220, 240, 100 + wobble), face(420, 240, 100 - wobble)], 640, 480, n / 10))
    assert len(tracks(seen)) == 1


def test_who_steps_in_front_takes_over_after_a_moment() -> None:
    """A much nearer face is the new person to look at, but not at once."""
    front = FrontFace()
    old, new = face(330, 240, 70), face(300, 240, 180)
    first = tracks(play(front, [old], 0, 2))
    both = play(front, [old, new], 2, 5)
    assert both[0] is not None
    assert both[0].track == first[0]
    assert both[-1] is not None
    assert both[-1].face is new


def test_a_face_missing_for_a_moment_keeps_its_track() -> None:
    """A blink of the detector is not somebody leaving."""
    front = FrontFace()
    play(front, [face(320, 240, 100)], 0, 2)
    gap = play(front, [], 2, 2.5)
    assert all(seen is not None and seen.face is None for seen in gap)
    assert len(tracks([*gap, *play(front, [face(325, 240, 100)], 2.5, 3)])) == 1


def test_a_face_gone_for_long_is_nobody_and_comes_back_as_another_track() -> None:
    """Tracks are short-lived on purpose: they say nothing about who it is."""
    front = FrontFace()
    before = tracks(play(front, [face(320, 240, 100)], 0, 2))
    assert play(front, [], 2, 5)[-1] is None
    assert tracks(play(front, [face(320, 240, 100)], 5, 6)) != before


@pytest.mark.parametrize("fps", [2, 5, 30])
def test_a_moving_face_stays_one_track_at_any_frame_rate(fps: float) -> None:
    """At 2 frames a second a face moves by half its size between two frames."""
    front = FrontFace()
    seen = [front.update([face(200 + 80 * n / fps, 240, 110)], 640, 480, n / fps) for n in range(round(4 * fps))]
    assert len(tracks(seen)) == 1
