"""Tries a network before it reads anybody's face: on golden crops, against what its publisher got, and against the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Final, Literal

import cv2
import numpy as np
from pydantic import Field, ValidationError

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.ports import Classifier
from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.errors import UpdateRefused
from howsitgoing_edge.update.channel import Part
from howsitgoing_edge.update.package import GOLDEN_FILE, FileName

_ROUNDS: Final = 5
_SIDE: Final = 48
Share = Annotated[float, Field(ge=0, le=1)]
Clock = Callable[[], float]


class Answer(Part):
    """One golden crop, and what the publisher's machine made of it."""

    file: FileName
    scores: Annotated[tuple[Share, ...], Field(min_length=len(EMOTIONS), max_length=len(EMOTIONS))]
    """Calibrated, in the contract's order"""
    readable: Share


class Golden(Part):
    """``golden.json``."""

    schema_: Literal[1] = Field(alias="schema")
    tolerance: float = Field(gt=0, le=0.5)
    """How far a share may be off: other processors round otherwise"""
    crops: tuple[Answer, ...] = Field(min_length=1, max_length=50)


@dataclass(frozen=True, eq=False)
class Exam:
    """The golden crops of one network."""

    golden: Golden
    crops: Sequence[Pixels]
    """(48, 48) gray, one for each answer"""


def read_exam(folder: Path) -> Exam:
    """What the network in ``folder`` has to know.

    Raises:
        UpdateRefused: it is missing or broken.
    """
    try:
        golden = Golden.model_validate_json((folder / GOLDEN_FILE).read_bytes())
        crops = [_crop((folder / answer.file).read_bytes()) for answer in golden.crops]
    except (OSError, ValidationError, ValueError) as error:
        raise UpdateRefused(f"{folder.name}: its golden crops cannot be read ({str(error).splitlines()[0]})") from error
    return Exam(golden, crops)


def examine(classifier: Classifier, exam: Exam) -> None:
    """Have the network read each crop.

    Raises:
        UpdateRefused: it reads one otherwise than it did at its publisher's, or it breaks.
    """
    for answer, crop in zip(exam.golden.crops, exam.crops, strict=True):
        try:
            scores = classifier.score(crop)
        except Exception as error:
            raise UpdateRefused(f"it broke in the self-test ({type(error).__name__}: {error})") from error
        found = np.array([*scores.emotions, scores.readable], np.float64)
        off = float(np.abs(found - [*answer.scores, answer.readable]).max())
        if not off <= exam.golden.tolerance:  # also if it is no number
            raise UpdateRefused(
                f"in the self-test it reads {answer.file} otherwise than at its publisher's: off by {off:.3f}, at most"
                f" {exam.golden.tolerance} is allowed"
            )


def milliseconds(classifier: Classifier, exam: Exam, clock: Clock = time.perf_counter) -> float:
    """Median time of one crop."""
    times = []
    for crop in [*exam.crops] * _ROUNDS:
        begun = clock()
        classifier.score(crop)
        times.append(1000 * (clock() - begun))
    return median(times)


def _crop(png: bytes) -> Pixels:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE) if png else None
    if image is None or image.shape != (_SIDE, _SIDE):
        raise ValueError(f"a golden crop is no picture of {_SIDE}x{_SIDE}")
    return np.asarray(image, np.uint8)
