"""Picture files as gray 48x48 crops: as they are where they are crops already, else around the face in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError

SIDE: Final = 48
SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})
_CROP_UP_TO: Final = 130
"""Pictures with no longer side than this are face crops already."""
_EYES: Final = np.array([[13.0, 18.2], [33.0, 18.0], [15.7, 36.9], [31.6, 36.8]], np.float32)
"""Where eyes and mouth corners are in the middle one of FER2013's crops, in pixels; found by YuNet."""


class Cropper:
    """Reads pictures; finds the face in large ones by YuNet where its file is at hand, else by the cascade OpenCV brings."""

    def __init__(self, yunet: Path | None) -> None:
        """Both detectors are loaded when the first large picture comes."""
        self._yunet = yunet
        self._detector: cv2.FaceDetectorYN | cv2.CascadeClassifier | None = None

    def read(self, path: Path) -> npt.NDArray[np.uint8] | None:
        """The (48, 48) crop in the file at ``path``; None: no face was found in it.

        Raises:
            DataError: it is no picture.
        """
        content = np.fromfile(path, np.uint8) if path.is_file() else np.empty(0, np.uint8)
        image = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if content.size else None
        if image is None:
            raise DataError(f"{path} is no readable picture")
        gray = np.asarray(image, np.uint8)
        return resized(gray) if max(gray.shape) <= _CROP_UP_TO else self._face(gray)

    def _face(self, gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
        if self._detector is None:
            self._detector = _detector(self._yunet)
        if isinstance(self._detector, cv2.CascadeClassifier):
            boxes = self._detector.detectMultiScale(gray, 1.1, 5, minSize=(_CROP_UP_TO // 2,) * 2)
            if not len(boxes):
                return None
            x, y, width, height = max(boxes, key=lambda box: box[2] * box[3])
            return resized(gray[y : y + height, x : x + width])
        self._detector.setInputSize(gray.shape[::-1])
        found: npt.NDArray[np.float32] | None = self._detector.detect(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))[1]  # type: ignore[assignment]  # None without a face
        if found is None:
            return None
        points = max(found, key=lambda face: face[2] * face[3])[4:14].reshape(5, 2)[[0, 1, 3, 4]]
        matrix = np.asarray(cv2.estimateAffinePartial2D(np.asarray(points, np.float32), _EYES, method=cv2.LMEDS)[0], np.float64)
        # first smaller, then turned: a warp alone would skip most of a large picture's pixels
        shrink = min(1.0, 2 * float(np.hypot(*matrix[0, :2])))
        smaller = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        matrix[:, :2] /= shrink
        return np.asarray(cv2.warpAffine(smaller, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def resized(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A face crop of any size -> (48, 48)."""
    interpolation = cv2.INTER_AREA if max(gray.shape) > SIDE else cv2.INTER_CUBIC
    return np.asarray(
        gray if gray.shape == (SIDE, SIDE) else cv2.resize(gray, (SIDE, SIDE), interpolation=interpolation), np.uint8
    )


def _detector(yunet: Path | None) -> cv2.FaceDetectorYN | cv2.CascadeClassifier:
    if yunet is None:
        return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"))
    if not yunet.exists():
        raise DataError(f"{yunet} is missing: 'howsitgoing models pull yunet' fetches it")
    return cv2.FaceDetectorYN.create(str(yunet), "", (320, 320), 0.6)
