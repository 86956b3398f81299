"""Faces whose expression nearly all of ten people agreed on: FER2013's PublicTest with the votes of FER+, where it is."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from support.scene import Portrait

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.yunet import YuNet

from .parts import SHARED, yunet_file

if TYPE_CHECKING:
    import numpy.typing as npt

People = dict[str, list[Portrait]]

_PUBLIC_TEST: Final = 1
_VOTES_OF: Final = (4, 5, 6, 1, 0, 3, 2)
"""FER+ column (neutral, happiness, surprise, sadness, anger, disgust, fear, ...) of each emotion in the contract's order"""
_AGREED: Final = (8, 7, 6)
"""Of ten votes; less only for an emotion that otherwise has hardly anybody: one disgusted face reaches 8"""
_ENOUGH: Final = 8
_AT_MOST: Final = 40
_LARGER, _BORDER = 4, 24
"""YuNet wants larger faces than 48 pixels, with something around them"""
_MARGIN, _NARROWEST, _TURNED = 5.0, 13.0, 0.55
"""Pixels of the crop, and half eye distances that the nose may stand off the middle: whole faces that look this way, since half
a face cannot be put on a person"""


def people(seed: int = 0) -> People | None:
    """At most 40 faces of each emotion, in an order drawn by ``seed``; None: neither faces nor YuNet are here.

    Pictures that FER2013 also has in its training part are left out, since the network may know them.
    """
    data, yunet = SHARED / "data" / "fer2013.npz", yunet_file()
    if not data.is_file() or yunet is None:
        return None
    with np.load(data) as file:
        images, split, votes, twins = file["images"], file["split"], file["votes"], file["dup_group"]
    leaked = np.isin(twins, twins[(split != _PUBLIC_TEST) & (twins >= 0)])
    usable = (split == _PUBLIC_TEST) & ~leaked
    seven = votes[:, _VOTES_OF]
    detector, rng = YuNet(read(YUNET, yunet)), np.random.default_rng(seed)
    found: People = {}
    for number, emotion in enumerate(EMOTIONS):
        for votes_wanted in _AGREED:
            rows = np.flatnonzero(usable & (seven[:, number] >= votes_wanted))
            if len(rows) >= _ENOUGH:
                break
        portraits = (_portrait(images[row], detector) for row in rng.permutation(rows))
        found[emotion] = list(islice((portrait for portrait in portraits if portrait is not None), _AT_MOST))
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
