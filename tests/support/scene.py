"""Clips with a known truth: faces of known expression, put on a painted person who moves gently in a painted room.

The faces come as arrays: the demo clip is made of averages, a benchmark's clips of whatever labelled faces it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from howsitgoing_edge.core.types import Pixels

Layer = npt.NDArray[np.float32]

NOBODY: Final = "none"
"""As an emotion of a `Segment`: the room is empty."""
FACE: Final = 256
"""Side of the square that faces are aligned in, eyes at `EYES`."""
EYES: Final = ((98.0, 110.0), (158.0, 110.0))
"""(x, y) of the right and the left eye (the person's own) in that square."""
CHEEKS_TO_CHIN: Final = (128, 126, 57, 73)
"""Ellipse (x, y, half width, half height) of that square that is face and nothing else."""

_PERSON: Final = (500, 620)  # width and height of the layer that the person is painted on
_AT: Final = (122, 90)  # where the face's square lies on it
_WARM: Final = ((0, 60, 120, 180, 255), (14, 38, 84, 138, 214), (14, 50, 108, 168, 228), (18, 76, 156, 212, 246))
_HAIR, _SWEATER, _SHADE = (26, 30, 38), (118, 88, 60), (34, 50, 80)


@dataclass(frozen=True, eq=False)
class Portrait:
    """One face."""

    image: npt.NDArray[np.generic]
    """(H, W) gray"""
    eyes: npt.NDArray[np.floating]
    """(2, 2) pixels: right and left eye, x and y; rows after the second are ignored, so five landmarks do as well"""


@dataclass(frozen=True)
class Segment:
    """What the face shows for a while."""

    emotion: str
    seconds: float


def timeline(segments: Sequence[Segment]) -> list[dict[str, float | str]]:
    """The truth, ``{"from": seconds, "to": seconds, "emotion": …}`` each. A face begins to change at ``from``."""
    ends = np.cumsum([segment.seconds for segment in segments]).round(3).tolist()
    return [
        {"from": begin, "to": end, "emotion": segment.emotion}
        for segment, begin, end in zip(segments, [0.0, *ends], ends, strict=False)
    ]


def make_clip(
    segments: Sequence[Segment],
    faces: Mapping[str, Sequence[Portrait]],
    *,
    fps: float = 15,
    size: tuple[int, int] = (640, 480),
    face_height: float = 200,
    fade: float = 0.2,
    swap_every: float | None = None,
    motion: float = 1.0,
) -> Iterator[Pixels]:
    """Frames (H, W, 3) BGR of a person who shows ``segments`` in turn.

    Args:
        segments: what is shown, for how long.
        faces: for each emotion the faces to show; each segment goes on with the next one.
        fps: frames a second.
        size: (width, height) in pixels.
        face_height: pixels from the top of the forehead to the chin.
        fade: seconds that one face takes to turn into the next, from the beginning of a segment.
        swap_every: seconds after which another face of the same emotion is shown; None: one a segment.
        motion: how much the person sways; 0 stands still.
    """
    shots = _shots(segments, faces, swap_every)
    room = _room(size)
    scale = face_height / (2 * CHEEKS_TO_CHIN[3])
    total = sum(segment.seconds for segment in segments)
    for number in range(round(total * fps)):
        now = number / fps
        place = max(index for index, (begin, _) in enumerate(shots) if begin <= now + 1e-6)
        begin, person = shots[place]
        before = shots[place - 1][1] if place else person
        share = 1.0 if fade <= 0 else min(1.0, (now - begin + 1 / fps) / fade)
        layer = person if share >= 1 else before + (person - before) * np.float32(share)
        moved = cv2.warpAffine(layer, _pose(now, size, scale, motion), size, flags=cv2.INTER_LINEAR)
        yield np.clip(room * (1 - moved[..., 3:]) + moved[..., :3], 0, 255).astype(np.uint8)


def write_clip(path: Path, frames: Iterator[Pixels], fps: float) -> Path:
    """``frames`` as a film; the suffix chooses the container, ``.avi`` is all but lossless."""
    writer: cv2.VideoWriter | None = None
    for frame in frames:
        if writer is None:
            codec = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
            writer = cv2.VideoWriter(str(path), codec, fps, (frame.shape[1], frame.shape[0]))
            assert writer.isOpened(), f"{path} cannot be written"
        writer.write(frame)
    assert writer is not None, "no frames"
    writer.release()
    return path


def align(portrait: Portrait) -> Layer:
    """``portrait`` as a (`FACE`, `FACE`) gray square, eyes at `EYES`, brightness and contrast of its face alike for all."""
    source, target = np.asarray(portrait.eyes[:2], np.float64), np.asarray(EYES)
    turn = complex(*(target[1] - target[0])) / complex(*(source[1] - source[0]))
    rotation = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    matrix = np.column_stack([rotation, target.mean(0) - rotation @ source.mean(0)])
    gray = portrait.image.astype(np.float32)
    square = cv2.warpAffine(gray, matrix, (FACE, FACE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = square[_ellipse((FACE, FACE), (0, 0), CHEEKS_TO_CHIN, 0) > 0]
    return np.asarray(142 + 40 * (square - inside.mean()) / max(float(inside.std()), 1.0), np.float32)


def _shots(
    segments: Sequence[Segment], faces: Mapping[str, Sequence[Portrait]], swap_every: float | None
) -> list[tuple[float, Layer]]:
    """When each face begins, and the person with it, painted once each."""
    shots: list[tuple[float, Layer]] = []
    used: dict[str, int] = {}
    painted: dict[tuple[str, int], Layer] = {}
    begin = 0.0
    for segment in segments:
        for at in np.arange(0, segment.seconds, swap_every or segment.seconds):
            emotion = segment.emotion
            index = used.get(emotion, 0) % max(1, len(faces.get(emotion, ())))
            used[emotion] = index + 1
            if (emotion, index) not in painted:
                nobody = np.zeros((*_PERSON[::-1], 4), np.float32)
                painted[emotion, index] = nobody if emotion == NOBODY else _person(align(faces[emotion][index]))
            shots.append((begin + float(at), painted[emotion, index]))
        begin += segment.seconds
    return shots


def _pose(now: float, size: tuple[int, int], scale: float, motion: float) -> npt.NDArray[np.float64]:
    """Where the person's layer lies in the frame at ``now``: slow swaying of a standing person, a few degrees and pixels."""
    angle = motion * 2.5 * np.sin(now * 0.9)
    growth = scale * (1 + motion * 0.03 * np.sin(now * 0.5 + 1))
    centre = (_AT[0] + CHEEKS_TO_CHIN[0], _AT[1] + CHEEKS_TO_CHIN[1])
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, float(angle), float(growth)), np.float64)
    sway = motion * size[0] * np.array([0.04 * np.sin(now * 0.7), 0.012 * np.sin(now * 1.3)])
    matrix[:, 2] = matrix[:, 2] - centre + np.array([size[0] * 0.5, size[1] * 0.45]) + sway
    return matrix


@lru_cache(maxsize=1)
def _bust() -> Layer:
    """(H, W, 4) hair, neck and shoulders, colours multiplied by opacity."""
    layer = np.zeros((*_PERSON[::-1], 4), np.float32)
    _paint(layer, _HAIR, np.maximum(_blob((128, 112, 79, 93), 3), _patch([(50, 110), (206, 110), (200, 222), (56, 222)], 7)))
    _paint(layer, _warm(104), _patch([(94, 170), (162, 170), (166, 262), (90, 262)], 4))
    _paint(layer, _SWEATER, np.maximum(_blob((128, 470, 180, 228), 3), _blob((128, 285, 62, 40), 4)))
    _paint(layer, _warm(108), _blob((128, 236, 36, 34), 3))
    _paint(layer, _SHADE, 0.6 * _blob((128, 214, 42, 18), 9))
    _paint(layer, _warm(122), _blob((128, 134, 61, 74), 4))
    return layer


def _person(face: Layer) -> Layer:
    """(H, W, 4) the bust with ``face`` on it."""
    layer = _bust().copy()
    shift = np.array([[1, 0, _AT[0]], [0, 1, _AT[1]]], np.float64)
    laid = cv2.warpAffine(np.clip(face, 0, 250), shift, _PERSON, borderMode=cv2.BORDER_REPLICATE)
    _paint(layer, _warm(np.asarray(laid, np.float32)), _blob(CHEEKS_TO_CHIN, 5))
    _paint(layer, _HAIR, np.clip(_blob((128, 112, 79, 93), 3) - _blob((128, 146, 66, 102), 6), 0, 1))
    return layer


def _paint(layer: Layer, colour: npt.ArrayLike, mask: Layer) -> None:
    over = mask[..., None]
    layer[..., :3] = layer[..., :3] * (1 - over) + np.asarray(colour, np.float32) * over
    layer[..., 3:] = layer[..., 3:] * (1 - over) + over


def _warm(gray: float | Layer) -> Layer:
    """Gray as the colours of skin, from deep brown to light."""
    levels, *channels = _WARM
    return np.stack([np.interp(np.asarray(gray), levels, channel) for channel in channels], axis=-1).astype(np.float32)


def _ellipse(size: tuple[int, int], at: tuple[int, int], shape: tuple[int, int, int, int], soft: float) -> Layer:
    mask = np.zeros(size[::-1], np.float32)
    cv2.ellipse(mask, (at[0] + shape[0], at[1] + shape[1]), shape[2:], 0, 0, 360, 1, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft) if soft else mask, np.float32)


def _blob(shape: tuple[int, int, int, int], soft: float) -> Layer:
    return _ellipse(_PERSON, _AT, shape, soft)


def _patch(corners: Sequence[tuple[int, int]], soft: float) -> Layer:
    mask = np.zeros(_PERSON[::-1], np.float32)
    cv2.fillPoly(mask, [np.array(corners, np.int32) + np.array(_AT, np.int32)], 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)


@lru_cache(maxsize=4)
def _room(size: tuple[int, int]) -> Layer:
    """(H, W, 3) a wall with a window, a curtain and furniture, out of focus."""
    width, height = size
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    room = np.stack([178 - 50 * down + 10 * across, 186 - 48 * down, 188 - 40 * down - 14 * across], axis=-1).astype(np.float32)
    for left, top, right, bottom, colour in (
        (0.06, 0.02, 0.28, 0.48, (214, 222, 226)),
        (0.75, 0.0, 0.94, 0.62, (120, 140, 128)),
        (0.73, 0.58, 1.0, 0.8, (96, 110, 134)),
        (0.0, 0.62, 0.28, 0.88, (128, 132, 150)),
    ):
        mask = np.zeros((height, width), np.float32)
        mask[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = 0.6
        soft = cv2.GaussianBlur(mask, (0, 0), height * 0.03)[..., None]
        room = room * (1 - soft) + np.asarray(colour, np.float32) * soft
    return np.asarray(room, np.float32)
