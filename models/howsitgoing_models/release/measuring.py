"""What is measured of a candidate before the gate: on published sets as ever, on exports against the model in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.dataset import UNKNOWN_GROUP
from howsitgoing_models.data.faces import Faces
from howsitgoing_models.data.landmarks import find
from howsitgoing_models.data.sources import load
from howsitgoing_models.measure.compare import compare
from howsitgoing_models.measure.evaluate import evaluate
from howsitgoing_models.parameters import Parameters
from howsitgoing_models.release import bundle
from howsitgoing_models.release.gate import Headline, headline
from howsitgoing_models.release.stages import Run

Report = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """Faces to measure on."""

    faces: Faces
    exported: npt.NDArray[np.bool_]
    """(N,) from an export"""
    groups: npt.NDArray[np.str_] | None
    yunet: Path | None
    """For landmarks; None: what needs them is left out"""

    def take(self, rows: npt.NDArray[np.bool_]) -> Measured:
        """Some of them; groups only if any of these has one."""
        groups = None if self.groups is None or (self.groups[rows] == UNKNOWN_GROUP).all() else self.groups[rows]
        return Measured(self.faces.take(rows), self.exported[rows], groups, self.yunet)


def faces_of(data: Sequence[Path], split: str, parameters: Parameters, yunet: Path | None) -> Measured:
    """One split of all data sets in ``data``.

    Raises:
        DataError: one cannot be used, or there is nothing in that split.
    """
    loaded = load(data, yunet)
    rows = loaded.rows(split, parameters.data)
    groups = None if loaded.groups is None else loaded.groups[rows]
    return Measured(loaded.faces.take(rows), loaded.exported[rows], groups, yunet)


def measured(
    model: Path, on: Measured, parameters: Parameters, *, float_model: Path | None = None, other_python: Path | None = None
) -> Report:
    """What `evaluate` says of the model in a folder. Raises as that, and BundleError for a broken one."""
    description, content = bundle.load(model)
    return evaluate(
        description,
        content,
        on.faces,
        parameters.evaluate,
        points=None if on.yunet is None else find(on.faces.images, on.yunet, None),
        float_model=None if float_model is None else float_model.read_bytes(),
        groups=on.groups,
        other_python=other_python,
    )


def compared(model: Path, against: Path, on: Measured) -> Report:
    """What `compare` says of the models in two folders. Raises as that, and BundleError for a broken one."""
    return compare(bundle.load(model), bundle.load(against), on.faces, on.groups)


def for_the_gate(
    run: Run, place: Path, on: Measured, parameters: Parameters, other_python: Path | None
) -> tuple[Report, Headline | None]:
    """The report on a run's bundle, and what to hold it against; None: the figures that the model in ``place`` came with.

    Where there is nothing but exports, the model in ``place`` is measured on the same faces: its own figures are of others.
    """
    there = (place / bundle.DESCRIPTION_FILE).exists()
    only_exports = bool(on.exported.all())
    published = on if only_exports else on.take(~on.exported)
    report = measured(run.bundle, published, parameters, float_model=run.float_model, other_python=other_python)
    report["export"] = compared(run.bundle, place, on.take(on.exported)) if there and on.exported.any() else None
    in_place = headline(measured(place, on, parameters)) if there and only_exports else None
    return report, None if in_place is None else {**in_place, "int8_loss": None}
