"""Two models on the very same faces: who reads more of them right, in all and in each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from howsitgoing_models import figures
from howsitgoing_models.data.faces import Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import Labels
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.release.bundle import Description

Model = tuple[Description, bytes]
"""model.json and the .tflite's bytes"""


def compare(new: Model, old: Model, faces: Faces, groups: npt.NDArray[np.str_] | None = None) -> dict[str, Any]:
    """What ``new`` and ``old`` make of ``faces`` at their operating points, as a dictionary that JSON can carry.

    Args:
        new: the candidate.
        old: what it is compared with.
        faces: those with a label that most people agreed on count.
        groups: (N,) a group for each face, where the data set knows one; None leaves those figures out.

    Raises:
        DataError: no face has such a label.
        BundleError: a network cannot be run.
    """
    seen = np.flatnonzero(faces.targets.majority >= 0)
    if not len(seen):
        raise DataError("no image of this split has a label that most people agreed on")
    labels = faces.targets.majority[seen]
    ours, theirs = (_choices(model, faces, seen) for model in (new, old))
    named = None if groups is None else groups[seen]
    return {
        "new": new[0].id,
        "old": old[0].id,
        **_both(ours, theirs, labels),
        "only_new_right": int(((ours == labels) & (theirs != labels)).sum()),
        "only_old_right": int(((ours != labels) & (theirs == labels)).sum()),
        "recall": {name: _recall(ours, theirs, labels, place) for place, name in enumerate(EMOTIONS)},
        "groups": None
        if named is None
        else {str(name): _both(ours[named == name], theirs[named == name], labels[named == name]) for name in np.unique(named)},
    }


def _choices(model: Model, faces: Faces, seen: npt.NDArray[np.intp]) -> Labels:
    description, network = model
    crowd, _ = Network(network).logits(faces.images[seen])
    return np.asarray(description.outputs.crowd.read(crowd)[0].argmax(1), np.int64)


def _both(ours: Labels, theirs: Labels, labels: Labels) -> dict[str, Any]:
    figures_of = {}
    for name, choices in (("new", ours), ("old", theirs)):
        counts = figures.confusion(choices, labels)
        figures_of[f"{name}_accuracy"] = float(counts.trace() / counts.sum())
        figures_of[f"{name}_macro_recall"] = figures.macro_recall(counts)
    return {"images": len(labels), **figures_of}


def _recall(ours: Labels, theirs: Labels, labels: Labels, place: int) -> dict[str, float | int | None]:
    rows = labels == place
    if not rows.any():
        return {"images": 0, "new": None, "old": None}
    return {"images": int(rows.sum()), "new": float((ours[rows] == place).mean()), "old": float((theirs[rows] == place).mean())}
