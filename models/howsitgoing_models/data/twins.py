"""Pictures that are nearly the same: brightened, resized or saved again, and then filed in two splits."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

BITS_APART: Final = 6
"""Of 64; further apart, hardly any pair shows the same picture."""
ALIKE: Final = 0.9
"""Correlation of the pixels from which on a pair of FER2013 turned out to be one picture when looked at."""


def fingerprints(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """(N, H, W) -> (N,) difference hash: each bit says whether one of 8x8 places is darker than its right neighbour."""
    small = [cv2.resize(image, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16) for image in images]
    rising = np.diff(np.stack(small), axis=2) > 0
    return np.packbits(rising.reshape(len(images), 64), axis=1).view(np.uint64)[:, 0]


def near_twins(
    images: npt.NDArray[np.uint8], learnt: npt.NDArray[np.intp], held_out: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Which of the rows ``learnt`` show a picture that also stands in ``held_out``.

    Args:
        images: (N, H, W) gray.
        learnt: (A,) rows to learn from.
        held_out: (B,) rows to choose by or to measure on.

    Returns:
        (A,) True: leave it out.
    """
    prints = fingerprints(images)
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    found = np.zeros(len(learnt), bool)
    for start in range(0, len(held_out), 256):  # (256, A) at a time
        block = held_out[start : start + 256]
        mine, theirs = np.nonzero(np.bitwise_count(prints[block, None] ^ prints[None, learnt]) <= BITS_APART)
        alike = np.einsum("pi,pi->p", flat[block[mine]], flat[learnt[theirs]]) > ALIKE
        found[theirs[alike]] = True
    return found
