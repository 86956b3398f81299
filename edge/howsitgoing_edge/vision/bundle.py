"""A released network: ``model.tflite`` and its ``model.json``, checked before anything runs it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.description import CrowdOutput, Description, read_description

MAX_BYTES: Final = 64 << 20
"""No network of the project comes near it; a larger file is refused unread."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A description and the very bytes it describes."""

    description: Description
    network: bytes
    """Content of model.tflite, hash verified"""
    folder: Path

    @property
    def id(self) -> str:
        """Name of the release."""
        return self.description.id

    @property
    def sha256(self) -> str:
        """Of the network, hexadecimal."""
        return self.description.sha256

    @property
    def crowd(self) -> CrowdOutput:
        """The output that the edge reads, and its operating point."""
        return self.description.outputs.crowd


def released_folder() -> Path:
    """Where the network that came with this installation lies, found without importing the package that trains it.

    Raises:
        ModelError: this installation came without one.
    """
    package = find_spec("howsitgoing_models")
    if package is None or not package.submodule_search_locations:
        raise ModelError("this installation came without a network: install it anew, or set vision.model to a folder with one")
    return Path(package.submodule_search_locations[0]) / "released" / "emotion"


def load_bundle(folder: Path | None = None) -> Bundle:
    """Read and verify a bundle, by default the released one; nothing of it is run.

    Raises:
        ModelError: a file is missing, unreadable or too large, the description does not fit the contract, or the hash is wrong.
    """
    folder = folder or released_folder()
    text, network = (_read(folder / name) for name in ("model.json", "model.tflite"))
    description = read_description(text, str(folder / "model.json"))
    found = hashlib.sha256(network).hexdigest()
    if found != description.sha256:
        raise ModelError(
            f"{folder / 'model.tflite'} is damaged or belongs to another model.json (sha256 {found[:12]}…, expected"
            f" {description.sha256[:12]}…): copy the bundle again"
        )
    return Bundle(description, network, folder)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelError(f"{path} has {size} bytes; a network has at most {MAX_BYTES}: is it the right file?")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; a model is a folder with model.tflite and model.json") from error
