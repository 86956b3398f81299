"""Samples and small pictures, any number of them, all different."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from uuid_utils import uuid7

from howsitgoing_edge.contract import EMOTIONS, Consent, FacePicture, Model, Sample

FACES: Final = Consent("faces", "C-2026-014")
MOODS: Final = Consent("moods")
SIDE: Final = 96
_SESSION: Final = "019bf59f-1a00-7b11-8c0d-5e2f91a7c3b6"


def sample(number: int = 0, face: bytes | None = None, name: str | None = None, at: str | None = None) -> Sample:
    """One; those of the same number, name and time are the same."""
    emotion = EMOTIONS[number % len(EMOTIONS)]
    return Sample(
        id=name or str(uuid7()),
        reason="change",
        previous="neutral" if emotion != "neutral" else "happy",
        emotion=emotion,
        confidence=0.88,
        scores=dict.fromkeys(EMOTIONS, 0.02) | {emotion: 0.88},
        changed_at=at or "2026-01-31T12:00:00.250Z",
        noticed_at=at or "2026-01-31T12:00:00.610Z",
        track=number,
        session=_SESSION,
        model=Model("emotion-1", "9f" * 32),
        consent=MOODS if face is None else FACES,
        readable=0.97,
        face=None if face is None else FacePicture(hashlib.sha256(face).hexdigest(), SIDE, SIDE),
    )


@lru_cache(maxsize=64)
def jpeg(number: int = 0) -> bytes:
    """A picture of some kilobytes."""
    noise = np.random.default_rng(number).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    return bytes(np.asarray(cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]).tobytes())
