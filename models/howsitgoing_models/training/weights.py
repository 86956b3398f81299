"""Trained networks as files: a whole one of a run, and a released one's weights, with which other training can begin."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.training import norm  # noqa: F401  registers the layer that a file may name


def trained(path: Path) -> keras.Model:
    """The network in a run's .keras.

    Raises:
        DataError: the file is missing, broken, or of something else.
    """
    try:
        return keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path} is no trained network ({error})") from error


def save(path: Path, net: keras.Model) -> None:
    """Keep the weights in a .npz, in the network's own order: kernels as float16, which is more than int8 needs."""
    arrays = [array.astype(np.float16) if array.ndim > 1 else array for array in net.get_weights()]
    np.savez_compressed(path, *arrays)


def begin_with(net: keras.Model, start: Path) -> None:
    """Give ``net`` the weights in ``start``: a .npz of `save`, or a whole trained network (.keras).

    Raises:
        DataError: the file cannot be read, or is of a network of another shape.
    """
    weights = _arrays(start) if start.suffix == ".npz" else trained(start).get_weights()
    try:
        net.set_weights(weights)
    except ValueError as error:
        raise DataError(f"{start} is of a network of another shape: {error}") from error


def _arrays(path: Path) -> list[npt.NDArray[np.float32]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return [archive[f"arr_{number}"].astype(np.float32) for number in range(len(archive.files))]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} holds no weights ({error})") from error
