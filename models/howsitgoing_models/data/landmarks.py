"""Where eyes and mouth are in each crop, found once by YuNet and kept beside the run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.progress import progress

_UPSCALED, _BORDER = 128, 16


def find(images: npt.NDArray[np.uint8], yunet: Path | None, cache: Path | None) -> npt.NDArray[np.float32]:
    """Five points (right eye, left eye, nose, right and left mouth corner) per image, in pixels of the crop.

    Args:
        images: (N, 48, 48) gray crops.
        yunet: the detector's file; None: no points, which costs the opened mouths and nothing else.
        cache: a .npz that keeps the points of these very images; None keeps nothing.

    Returns:
        (N, 5, 2) float32, NaN where no face was found.

    Raises:
        DataError: the detector's file is missing.
    """
    if yunet is None:
        return np.full((len(images), 5, 2), np.nan, np.float32)
    digest = hashlib.sha256(images.tobytes()).hexdigest()
    if cache is not None and (known := _kept(cache, digest)) is not None:
        return known
    if not yunet.exists():
        raise DataError(f"{yunet} is missing: 'howsitgoing models pull yunet' fetches it")
    side = _UPSCALED + 2 * _BORDER
    detector = cv2.FaceDetectorYN.create(str(yunet), "", (side, side), 0.3)
    points = np.full((len(images), 5, 2), np.nan, np.float32)
    scale = images.shape[1] / _UPSCALED
    for row, image in enumerate(progress(list(images), "landmarks")):
        large = cv2.resize(image, (_UPSCALED, _UPSCALED), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, *(_BORDER,) * 4, cv2.BORDER_REPLICATE)
        _, found = detector.detect(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR))
        if found is not None:
            best = max(found, key=lambda face: face[2] * face[3] * face[14])
            points[row] = (best[4:14].reshape(5, 2) - _BORDER) * scale
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache.with_suffix(".npz"), points=points, digest=digest)
    return points


def _kept(cache: Path, digest: str) -> npt.NDArray[np.float32] | None:
    """What ``cache`` holds, if it belongs to the images with this digest."""
    try:
        with np.load(cache.with_suffix(".npz"), allow_pickle=False) as archive:
            return np.asarray(archive["points"], np.float32) if str(archive["digest"]) == digest else None
    except (OSError, ValueError, KeyError):
        return None
