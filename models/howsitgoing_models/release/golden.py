"""Golden crops: one made-up face per emotion, so that a mixed-up label map fails a test.

Each is the average of a few dozen aligned faces on whose expression the annotators agreed, sharpened: it shows nobody in
particular.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.faces import Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS

_PLACES = np.array([[15.5, 18.5], [32.5, 18.5], [24, 28], [17, 36], [31, 36]], np.float32)
"""Where the five landmarks go in the (48, 48) crop: eyes, nose, mouth corners."""


def golden(faces: Faces, points: npt.NDArray[np.float32], per_emotion: int = 80) -> dict[str, npt.NDArray[np.uint8]]:
    """A (48, 48) gray face for each emotion.

    Args:
        faces: where the faces come from.
        points: (N, 5, 2) landmarks, NaN = none.
        per_emotion: how many faces stand behind each.

    Raises:
        DataError: an emotion has fewer faces than that.
    """
    found = ~np.isnan(points[:, 0, 0])
    pictures = {}
    for place, name in enumerate(EMOTIONS):
        agreed = np.where(found & (faces.targets.majority == place), faces.targets.crowd[:, place], 0)
        rows = np.argsort(-agreed, kind="stable")[:per_emotion]
        if agreed[rows[-1]] <= 0:
            raise DataError(f"fewer than {per_emotion} faces with landmarks look {name} to most people")
        pictures[name] = _average(np.stack([_aligned(faces.images[row], points[row]) for row in rows]))
    return pictures


def write(folder: Path, pictures: dict[str, npt.NDArray[np.uint8]]) -> None:
    """Write each picture as ``folder``/<emotion>.png."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / f"{name}.png"), picture)


def _aligned(image: npt.NDArray[np.uint8], points: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The crop with its landmarks at `_PLACES` as well as turning, scaling and shifting can, and with even light."""
    matrix, _ = cv2.estimateAffinePartial2D(points, _PLACES, method=cv2.LMEDS)
    moved = cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    values = np.asarray(moved, np.float64)
    return np.asarray((values - values.mean()) / max(float(values.std()), 1.0))


def _average(aligned: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """(K, 48, 48) -> (48, 48): the mean with its mirror image, sharpened."""
    mean = (aligned + aligned[:, :, ::-1]).mean(0) / 2
    sharp = mean + 1.2 * (mean - np.asarray(cv2.GaussianBlur(mean, (0, 0), 1.6)))
    return np.asarray(np.clip(128 + 52 * sharp / sharp.std(), 0, 255), np.uint8)
