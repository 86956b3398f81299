"""Label orders and the targets that the two heads learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The contract's order, repeated because the packages do not import each other; a test compares them."""
UNREADABLE: Final = "unreadable"
"""Eighth output of the crowd head: no face, or one that nobody could read."""
CROWD_OUTPUTS: Final = (*EMOTIONS, UNREADABLE)

FER2013_TO_CONTRACT: Final = np.array([0, 1, 2, 3, 5, 6, 4])
"""FER2013 numbers sad 4, surprise 5, neutral 6; the contract has them in alphabetical order."""
_FERPLUS_COLUMNS: Final = np.array([4, 5, 6, 1, 0, 3, 2])
"""FER+ columns (neutral, happiness, surprise, sadness, anger, disgust, fear, ...) of each contract emotion."""
_UNKNOWN, _NOT_A_FACE = 8, 9
_VOTERS: Final = 10
_ENOUGH_VOTES: Final = 5
_SYNONYMS: Final = {
    "anger": "angry",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


@dataclass(frozen=True)
class Targets:
    """What to learn and what to measure by, one row an image."""

    fer2013: npt.NDArray[np.int64]
    """(N,) label in the contract's order; -1 = none."""
    crowd: npt.NDArray[np.float32]
    """(N, 8) vote distribution over the seven emotions and "unreadable"; a zero row = none."""
    majority: npt.NDArray[np.int64]
    """(N,) what most annotators saw, in the contract's order; -1 = not usable for measuring."""


def from_fer(labels: npt.NDArray[np.uint8], votes: npt.NDArray[np.uint8]) -> Targets:
    """Targets from FER2013 labels (N,) and FER+ votes (N, 10).

    A single vote against the others is an outlier and dropped, as Barsoum et al. do (ICMI 2016, section 3). "Contempt" has no
    class here and is dropped too. The majority counts where at least 5 votes fall on the seven emotions and fewer than 5 on
    "not a face"; ties go to the first of the contract's order.
    """
    counts = votes.astype(np.float32)
    seven = counts[:, _FERPLUS_COLUMNS]
    unreadable = counts[:, _UNKNOWN] + counts[:, _NOT_A_FACE]
    usable = (seven.sum(1) >= _ENOUGH_VOTES) & (counts[:, _NOT_A_FACE] < _ENOUGH_VOTES)
    majority = np.where(usable, seven.argmax(1), -1)
    both = np.column_stack([seven, unreadable])
    cleaned = np.where(both > 1, both, 0)
    cleaned = np.where(cleaned.sum(1, keepdims=True) > 0, cleaned, both)
    # Images whose ten votes are all "not a face" could not be matched with FER+: their votes say nothing.
    cleaned[counts[:, _NOT_A_FACE] >= _VOTERS] = 0
    total = cleaned.sum(1, keepdims=True)
    crowd = np.divide(cleaned, total, out=np.zeros_like(cleaned), where=total > 0)
    return Targets(FER2013_TO_CONTRACT[labels].astype(np.int64), crowd.astype(np.float32), majority.astype(np.int64))


def from_labels(labels: npt.NDArray[np.int64], *, fer2013: bool) -> Targets:
    """Targets of a data set that gives one label an image.

    Args:
        labels: (N,) in the contract's order.
        fer2013: True: FER2013's own labels; nobody knows what a crowd would have said. False: expressions that were posed or
            checked, so that the label stands for what people see.
    """
    none = np.full(len(labels), -1, np.int64)
    if fer2013:
        return Targets(labels.astype(np.int64), np.zeros((len(labels), len(CROWD_OUTPUTS)), np.float32), none)
    return Targets(none, np.eye(len(CROWD_OUTPUTS), dtype=np.float32)[labels], labels.astype(np.int64))


def named(name: str) -> int:
    """The contract's place of an emotion, by whichever of the usual names a data set gives it; -1: one we have no class for."""
    key = name.lower().strip()
    return EMOTIONS.index(_SYNONYMS.get(key, key)) if _SYNONYMS.get(key, key) in EMOTIONS else -1
