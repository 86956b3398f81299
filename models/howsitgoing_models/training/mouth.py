"""Open a closed mouth in a crop, as in talking, so that a neutral face that talks stays neutral."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt


def open_mouth(
    image: npt.NDArray[np.uint8], points: npt.NDArray[np.float32], amount: float, teeth: float
) -> npt.NDArray[np.uint8]:
    """Move lower lip and chin down by ``amount`` mouth widths and darken the gap.

    Args:
        image: (H, W) gray.
        points: (5, 2) landmarks, mouth corners last.
        amount: opening as a share of the mouth's width, 0 to about 0.6.
        teeth: 0 to 1, how bright the gap's upper part is.
    """
    height, width = image.shape
    left, right = points[3], points[4]
    centre = (left + right) / 2
    mouth = max(float(np.hypot(*(right - left))), 6.0)
    gap = amount * mouth
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.clip(np.abs(xs - centre[0]) / (0.75 * mouth), 0, 1)
    envelope = np.cos(across * np.pi / 2) ** 2
    below = np.clip((ys - centre[1]) / np.maximum(gap * envelope, 1e-3), 0, 1)
    moved = cv2.remap(image, xs, ys - gap * envelope * below, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    half = np.maximum(gap * envelope / 2, 1e-3)
    inside = np.clip(1.2 - np.hypot((ys - centre[1] - half) / half, (xs - centre[0]) / (0.42 * mouth)), 0, 1) * (gap > 1)
    inside = cv2.GaussianBlur(np.minimum(inside * 2.5, 1).astype(np.float32), (0, 0), 0.5)
    dark = 0.35 * float(np.median(moved))
    upper = (ys < centre[1] + 0.6 * half).astype(np.float32) * teeth
    fill = dark * (1 - upper) + 0.95 * float(np.percentile(moved, 85)) * upper
    return np.asarray(np.clip(moved * (1 - inside) + fill * inside, 0, 255), np.uint8)
