"""Faces whose expression nearly all of ten people agreed on: FER2013's PublicTest with the votes of FER+, where it is."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

import cv2
import numpy as np
from support.scene import Portrait

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.yunet import YuNet

from .parts import SHARED, yunet_file

if TYPE_CHECKING:
    import numpy.typing as npt

ANYBODY: Final = "anybody"
"""Key of `People` beside the emotions: faces on which people may not have agreed; they can be shown, not judged"""
People = dict[str, list[Portrait]]
Use = Literal["tune", "check"]

_PUBLIC_TEST: Final = 1
_VOTES_OF: Final = (4, 5, 6, 1, 0, 3, 2)
"""FER+ column (neutral, happiness, surprise, sadness, anger, disgust, fear, ...) of each emotion in the contract's order"""
_AGREED: Final = (8, 7)
"""Of ten votes; 7 only for an emotion of which fewer than `ENOUGH` faces have 8: one disgusted face has"""
ENOUGH: Final = 8
_AT_MOST: Final = 40
_LARGER, _BORDER = 4, 24
"""YuNet wants larger faces than 48 pixels, with something around them"""
_MARGIN, _NARROWEST, _TURNED = 5.0, 13.0, 0.55
"""Pixels of the crop, and half eye distances that the nose may stand off the middle: whole faces that look this way, since half
a face cannot be put on a person"""


def people(use: Use = "check", seed: int = 0) -> People | None:
    """At most 40 faces of each emotion, and of anybody, in an order drawn by ``seed``; None: neither faces nor YuNet are here.

    Every second picture is for tuning, the others are for checking what was tuned. Pictures that FER2013 also has in its
    training part are left out, since the network may know them.
    """
    data, yunet = SHARED / "data" / "fer2013.npz", yunet_file()
    if not data.is_file() or yunet is None:
        return None
    with np.load(data) as file:
        images, split, votes, twins = file["images"], file["split"], file["votes"], file["dup_group"]
    leaked = np.isin(twins, twins[(split != _PUBLIC_TEST) & (twins >= 0)])
    ours = images.sum((1, 2)) % 2 == (use == "tune")  # by content, so that twins stay together
    seven = np.where(((split == _PUBLIC_TEST) & ~leaked & ours)[:, None], votes[:, _VOTES_OF], 0)
    rows = {ANYBODY: np.flatnonzero(seven.sum(1) >= min(_AGREED))}
    for number, emotion in enumerate(EMOTIONS):
        agreed = [np.flatnonzero(seven[:, number] >= wanted) for wanted in _AGREED]
        rows[emotion] = next((found for found in agreed if len(found) >= ENOUGH), agreed[-1])
    detector, rng = YuNet(read(YUNET, yunet)), np.random.default_rng(seed)
    found: People = {}
    for name, numbers in rows.items():
        portraits = (_portrait(images[number], detector) for number in rng.permutation(numbers))
        found[name] = list(islice((portrait for portrait in portraits if portrait is not None), _AT_MOST))
    return found


def _portrait(image: npt.NDArray[np.uint8], detector: YuNet) -> Portrait | None:
    large = cv2.resize(image, None, fx=_LARGER, fy=_LARGER, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, *(_BORDER,) * 4, cv2.BORDER_REPLICATE)
    faces = detector.detect(np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), np.uint8))
    points = next((face.landmarks for face in faces if face.landmarks is not None), None)
    if points is None:
        return None
    eyes, nose, mouth = (((part - _BORDER) / _LARGER).astype(np.float64) for part in (points[:2], points[2:3], points[3:]))
    inside = bool((eyes > _MARGIN).all() and (mouth > _MARGIN).all() and max(eyes.max(), mouth.max()) < len(image) - _MARGIN)
    half = (eyes[1, 0] - eyes[0, 0]) / 2
    frontal = half >= _NARROWEST / 2 and abs(nose[0, 0] - (eyes.mean(0)[0] + mouth.mean(0)[0]) / 2) < _TURNED * half
    return Portrait(image, eyes) if inside and frontal else None
