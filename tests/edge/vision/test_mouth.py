"""Talking is told from holding still, from turning the head, and from a change of expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from bench.mouths import Speech
from support.shared import shared

from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision.crop import take_crop
from howsitgoing_edge.vision.haar import Haar
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.mouth import MouthMotion
from howsitgoing_edge.vision.yunet import YuNet

Film = list[tuple[float, Pixels]]
STILL, TALKING = 0.3, 0.6


@pytest.fixture
def crop(demo: list[Pixels]) -> Pixels:
    """A neutral face, (48, 48)."""
    return take_crop(demo[0], Haar().detect(demo[0])[0], VisionSettings()).image


def opened(crop: Pixels, share: float) -> Pixels:
    """The lower lip and chin moved down by ``share`` of a mouth's width, and the gap darkened."""
    ys, xs = np.mgrid[0:48, 0:48].astype(np.float32)
    gap = np.float32(16 * share)
    across = np.cos(np.clip(np.abs(xs - 23.5) / 12, 0, 1) * np.pi / 2) ** 2
    below = np.clip((ys - 37) / np.maximum(gap * across, 1e-3), 0, 1)
    moved = np.asarray(cv2.remap(crop, xs, ys - gap * across * below, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), float)
    inside = np.clip(1.3 - np.hypot((ys - 37 - gap / 2) / max(float(gap) / 2, 1e-3), (xs - 23.5) / 7), 0, 1) if gap > 0.5 else 0
    return np.asarray(np.clip(moved * (1 - inside) + 30 * inside, 0, 255), np.uint8)


def film(crop: Pixels, fps: float, seconds: float, change: Callable[[Pixels, float], Pixels]) -> Film:
    """``crop`` as ``change`` makes it at each time, placed as unsteadily and as noisily as by a detector and a camera."""
    rng, frames = np.random.default_rng(3), []
    for number in range(int(fps * seconds)):
        time = number / fps
        matrix = cv2.getRotationMatrix2D((23.5, 26), rng.normal(0, 1), float(np.exp(rng.normal(0, 0.012))))
        matrix = matrix + np.column_stack([np.zeros((2, 2)), rng.normal(0, 0.4, 2)])
        placed = cv2.warpAffine(change(crop, time), matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE)
        frames.append((time, np.clip(placed + rng.normal(0, 3, (48, 48)), 0, 255).astype(np.uint8)))
    return frames


def motion(frames: Iterable[tuple[float, Pixels]]) -> list[float]:
    meter = MouthMotion()
    return [meter.update(crop, time, 1) for time, crop in frames]


def syllables(crop: Pixels, time: float) -> Pixels:
    return opened(crop, 0.35 * max(0.0, float(np.sin(2 * np.pi * 3.7 * time))))


def half_light(crop: Pixels, time: float) -> Pixels:
    light = 1 + 0.35 * np.sin(2 * np.pi * 0.9 * time)
    return np.asarray(np.clip(crop * light + 20 * np.sin(3 * time), 0, 255), np.uint8)


def tilting(crop: Pixels, time: float) -> Pixels:
    matrix = cv2.getRotationMatrix2D((23.5, 26), float(6 * np.sin(2.5 * time)), 1)
    matrix[:, 2] += 2 * np.sin(3 * time), 2.5 * np.sin(5 * time)
    return np.asarray(cv2.warpAffine(crop, matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize("fps", [5, 8, 10, 15, 30])
@pytest.mark.parametrize(
    "change", [lambda crop, _time: crop, half_light, tilting], ids=["holding still", "light that changes", "a head that moves"]
)
def test_a_mouth_that_holds_still_stays_near_zero(crop: Pixels, fps: float, change: Callable[[Pixels, float], Pixels]) -> None:
    """Evidence must not be discounted because a lamp flickers or somebody nods."""
    assert np.quantile(motion(film(crop, fps, 6, change)), 0.9) < STILL


@pytest.mark.parametrize("fps", [5, 8, 10, 15, 30])
def test_talking_is_near_one_at_any_frame_rate(crop: Pixels, fps: float) -> None:
    """The filter's constants must mean the same on every camera."""
    values = motion(film(crop, fps, 6, syllables))[int(fps) :]
    assert np.median(values) > TALKING
    assert np.median(values) < 3


@pytest.mark.parametrize("fps", [2, 3, 5])
@pytest.mark.parametrize("seed", range(4))
def test_talking_is_seen_at_few_frames_a_second(crop: Pixels, fps: float, seed: int) -> None:
    """Fewer than two looks a syllable: only since no two syllables are alike does the mouth look different each time."""
    speech = Speech(30, np.random.default_rng(seed))
    values = motion(film(crop, fps, 30, lambda c, t: opened(c, 0.35 * speech.at(t).opening)))[5:]
    assert np.mean(values) > STILL


@pytest.mark.parametrize("fps", [2, 3, 5])
def test_a_mouth_that_holds_still_stays_near_zero_at_few_frames_a_second(crop: Pixels, fps: float) -> None:
    """Else a slow machine would never say anything."""
    for change in (lambda crop, _time: crop, half_light):
        assert np.quantile(motion(film(crop, fps, 12, change)), 0.9) < STILL


@pytest.mark.parametrize("fps", [10, 30])
def test_a_mouth_that_opens_and_stays_open_is_not_talking(crop: Pixels, fps: float) -> None:
    """That is how surprise looks: it must not wait for the talking to end."""
    values = motion(film(crop, fps, 6, lambda c, t: opened(c, 0.35 * float(np.clip((t - 3) / 0.3, 0, 1)))))
    assert max(values) < 0.5
    assert np.quantile(values, 0.8) < STILL


def test_talking_ends_within_a_second(crop: Pixels) -> None:
    """Then the face is read in full again."""
    frames = film(crop, 10, 6, lambda c, t: syllables(c, t) if t < 3 else c)
    values = motion(frames)
    assert max(values[20:30]) > TALKING
    assert max(values[40:]) < STILL


def test_another_face_begins_anew(crop: Pixels) -> None:
    """One person's talking says nothing of the next one."""
    meter = MouthMotion()
    for time, image in film(crop, 10, 3, syllables):
        meter.update(image, time, 1)
    assert meter.update(crop, 3.0, 2) == 0


@pytest.mark.parametrize("jump", [-5.0, 60.0], ids=["back", "long gap"])
def test_time_that_jumps_begins_anew(crop: Pixels, jump: float) -> None:
    """A clip that starts over, a camera that was away."""
    meter = MouthMotion()
    for time, image in film(crop, 10, 3, syllables):
        meter.update(image, time, 1)
    assert meter.update(crop, 3.0 + jump, 1) == 0


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_crop_is_no_talking(shade: int) -> None:
    """Contrast of nothing must not be noise enlarged."""
    rng = np.random.default_rng(1)
    frames = [(i / 10, np.clip(shade + rng.normal(0, 1, (48, 48)), 0, 255).astype(np.uint8)) for i in range(50)]
    assert max(motion(frames)) < 0.5


def test_changes_of_expression_in_the_demo_are_no_talking(demo_file: Path) -> None:
    """Each of them takes a third of a second."""
    values = measured(demo_file, Haar(), every=2, last=210)
    assert len(values) > 90
    assert np.quantile(values, 0.95) < STILL
    assert max(values) < 0.5


@pytest.mark.shared_data
def test_a_man_who_raps_is_talking_and_people_who_turn_their_heads_are_not(yunet_file: Path) -> None:
    """Real faces: the measured medians stand in the docstring."""
    yunet, media = YuNet(read(YUNET, yunet_file)), shared("data/media")
    rapping = measured(media / "fr_short_hamilton_clip.mp4", yunet, every=3, first=90, last=190)
    turning = measured(media / "intel_preview_head-pose-face-detection-female-and-male.gif", yunet, every=1)
    assert np.median(rapping) > 1
    assert np.quantile(rapping, 0.1) > TALKING
    assert np.quantile(turning, 0.9) < STILL


def measured(path: Path, detector: Haar | YuNet, *, every: int, first: int = 0, last: int = 10_000) -> list[float]:
    """Motion of the largest face's mouth, every ``every``-th frame of a clip, once something is known."""
    clip, meter, values, number = cv2.VideoCapture(str(path)), MouthMotion(), [], -1
    fps = clip.get(cv2.CAP_PROP_FPS)
    while clip.grab() and (number := number + 1) < last:
        if number >= first and number % every == 0:
            frame = np.asarray(clip.retrieve()[1], np.uint8)
            faces = detector.detect(frame)
            if faces:
                largest = max(faces, key=lambda face: face.box.area)
                values.append(meter.update(take_crop(frame, largest, VisionSettings()).image, number / fps, 1))
    clip.release()
    return values[8:]
