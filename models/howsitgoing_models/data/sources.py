"""Whatever a data set came in, one way to load it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from howsitgoing_models.data import csv_file, exported, folders
from howsitgoing_models.data.dataset import DataSet, joined
from howsitgoing_models.data.faces import load_npz
from howsitgoing_models.errors import DataError


def load(paths: Sequence[Path], yunet: Path | None = None) -> DataSet:
    """All data sets at ``paths`` as one: .npz, .csv, folders of pictures, or exports of what the cloud collected.

    Raises:
        DataError: one is missing, of no kind known here, or broken.
    """
    exports = [path for path in paths if exported.is_export(path)]
    parts = [_one(path, yunet) for path in paths if path not in exports]
    return joined([*parts, *([exported.load(exports)] if exports else [])])


def _one(path: Path, yunet: Path | None) -> DataSet:
    if not path.exists():
        raise DataError(f"{path} does not exist")
    if path.is_dir():
        return folders.load(path, yunet)
    if path.suffix == ".npz":
        faces, split, twins = load_npz(path)
        return DataSet(faces, split, twins)
    if path.suffix == ".csv":
        return csv_file.load(path)
    raise DataError(f"{path} is neither a folder nor a .npz or .csv file")
