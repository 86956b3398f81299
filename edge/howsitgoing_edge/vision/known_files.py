"""Model files that others publish and the project does not ship. Wherever they come from, only these very bytes count."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.fetch import copy


@dataclass(frozen=True)
class ModelFile:
    """A file, by its content."""

    name: str
    """What people call it on the command line"""
    filename: str
    size: int
    """Bytes"""
    sha256: str
    url: str
    """Its publisher's"""
    licence: str
    use: str
    """What it is good for, for people"""


YUNET: Final = ModelFile(
    "yunet",
    "face_detection_yunet_2023mar.onnx",
    232_589,
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    # The repository keeps it in git-lfs; this is the address of the content.
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
    "MIT, opencv/opencv_zoo",
    "finds faces; without it the coarser Haar cascade of OpenCV does",
)
MODEL_FILES: Final = {file.name: file for file in (YUNET,)}


def known(name: str) -> ModelFile:
    """The file called ``name``.

    Raises:
        ModelError: there is none.
    """
    if name not in MODEL_FILES:
        raise ModelError(f"no model file is called {name[:40]!r}; there is {', '.join(MODEL_FILES)}")
    return MODEL_FILES[name]


def read(file: ModelFile, path: Path) -> bytes:
    """The verified content of ``file`` at ``path``.

    Raises:
        ModelError: it is not there, cannot be read, or is not that very file.
    """
    return checked(file, copy(path, file.size), str(path))


def checked(file: ModelFile, content: bytes, origin: str) -> bytes:
    """``content``, which came from ``origin``.

    Raises:
        ModelError: it is not that very file.
    """
    if len(content) != file.size:
        raise ModelError(f"{origin} has {len(content)} bytes instead of {file.size}: cut short, or not {file.filename}")
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ModelError(f"{origin} is damaged or not {file.filename} (sha256 {found[:12]}…, expected {file.sha256[:12]}…)")
    return content
