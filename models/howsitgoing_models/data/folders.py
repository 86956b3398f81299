"""Folders of pictures: Kaggle's re-upload of FER2013, CK+ in both of its forms, KDEF."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from howsitgoing_models.data.dataset import DataSet, as_published
from howsitgoing_models.data.faces import PUBLIC_TEST, TRAINING, Faces
from howsitgoing_models.data.pictures import SUFFIXES, Cropper
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import from_labels, named
from howsitgoing_models.progress import progress

_TEST_SHARE: Final = 5
"""One person in so many is held out, where the publisher held nobody out."""
_CKPLUS: Final = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
_KDEF: Final = {"AF": "fear", "AN": "anger", "DI": "disgust", "HA": "happy", "NE": "neutral", "SA": "sad", "SU": "surprise"}
_KDEF_NAME: Final = re.compile(r"([AB])([FM])(\d\d)(AF|AN|DI|HA|NE|SA|SU)(S|HL|HR|FL|FR)")
_SUBJECT: Final = re.compile(r"S\d{3}")


@dataclass(frozen=True)
class _Picture:
    file: Path
    emotion: int
    split: int
    group: str | None = None


def load(folder: Path, yunet: Path | None = None) -> DataSet:
    """The data set in ``folder``, whichever of the known forms it has.

    - train/<emotion>/*, test/<emotion>/*: Kaggle's re-upload of FER2013 (its own labels, no votes).
    - <emotion>/S005_*.png: Kaggle's re-upload of CK+.
    - Emotion/ beside cohn-kanade-images/: CK+ itself; a sequence begins neutral, and its last three frames show the emotion.
    - AF01ANS.JPG and the like: KDEF, frontal and half-profile views.

    CK+ and KDEF hold out one person in five.

    Args:
        folder: where the pictures are.
        yunet: the detector for large pictures; None: the cascade of OpenCV.

    Raises:
        DataError: the folder has none of these forms, or a picture in it cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder")
    posed = True
    if (folder / "Emotion").is_dir():
        pictures = list(_ckplus(folder))
    elif any(_KDEF_NAME.fullmatch(path.stem.upper()) for path in _files(folder)):
        pictures = list(_kdef(folder))
    elif pictures := list(_split_folders(folder)):
        posed = False
    else:
        pictures = list(_emotion_folders(folder))
    if not pictures:
        raise DataError(f"{folder} holds no pictures in a form known here: train/<emotion>/, <emotion>/, CK+ or KDEF")
    cropper = Cropper(yunet)
    crops = [(picture, cropper.read(picture.file)) for picture in progress(pictures, "pictures")]
    found = [(picture, crop) for picture, crop in crops if crop is not None]
    if not found:
        raise DataError(f"no face was found in any of the {len(pictures)} pictures of {folder}")
    labels = np.array([picture.emotion for picture, _ in found])
    return DataSet(
        Faces(np.stack([crop for _, crop in found]), from_labels(labels, fer2013=not posed)),
        np.array([picture.split for picture, _ in found], np.uint8),
        np.full(len(found), -1, np.int64),
        np.array([picture.group or "unknown" for picture, _ in found]) if any(p.group for p, _ in found) else None,
    )


def _split_folders(folder: Path) -> Iterator[_Picture]:
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            split = as_published(part.name)
        except DataError:
            continue
        for file in _files(part):
            if (emotion := named(file.parent.name)) >= 0:
                yield _Picture(file, emotion, split)


def _emotion_folders(folder: Path) -> Iterator[_Picture]:
    for file in _files(folder):
        if (emotion := named(file.parent.name)) >= 0:
            subject = _SUBJECT.match(file.stem)
            yield _Picture(file, emotion, _held_out(subject[0] if subject else file.stem))


def _ckplus(folder: Path) -> Iterator[_Picture]:
    for file in sorted((folder / "Emotion").rglob("*_emotion.txt")):
        try:
            emotion = named(_CKPLUS[int(float(file.read_text("utf-8")))])
        except (ValueError, IndexError, OSError) as error:
            raise DataError(f"{file} is no emotion label of CK+ ({error})") from error
        subject, sequence = file.parts[-3:-1]
        frames = _files(folder / "cohn-kanade-images" / subject / sequence)
        split = _held_out(subject)
        if frames:
            yield _Picture(frames[0], named("neutral"), split)
        if emotion >= 0:  # contempt has no class here
            yield from (_Picture(frame, emotion, split) for frame in frames[1:][-3:])


def _kdef(folder: Path) -> Iterator[_Picture]:
    for file in _files(folder):
        match = _KDEF_NAME.fullmatch(file.stem.upper())
        if match and match[5] in {"S", "HL", "HR"}:
            sex = {"F": "women", "M": "men"}[match[2]]
            yield _Picture(file, named(_KDEF[match[4]]), _held_out(match[2] + match[3]), sex)


def _held_out(person: str) -> int:
    """The same person is always on the same side."""
    return PUBLIC_TEST if zlib.crc32(person.encode()) % _TEST_SHARE == 0 else TRAINING


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
