"""Everything that is measured of one bundle on one split, as a dictionary that JSON can carry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from howsitgoing_models import figures
from howsitgoing_models.data.faces import Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import Labels, Logits, Shares
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, UNREADABLE
from howsitgoing_models.measure import robustness
from howsitgoing_models.measure.latency import elsewhere, milliseconds
from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.parameters import Evaluate
from howsitgoing_models.release.bundle import CrowdHead, Description
from howsitgoing_models.release.calibrate import curve
from howsitgoing_models.training.augment import no_face
from howsitgoing_models.training.mouth import open_mouth

_NEUTRAL: Final = EMOTIONS.index("neutral")
_UNREADABLE: Final = CROWD_OUTPUTS.index(UNREADABLE)
_HALF: Final = 0.5
COVERAGES: Final = np.round(np.arange(0.05, 1.001, 0.05), 2)
DEFINITIONS: Final = {
    "ferplus_accuracy": "crowd head, first choice (plain argmax over the seven emotions) against the FER+ majority",
    "fer2013_accuracy": "fer2013 head, first choice against FER2013's label",
    "ece": "expected calibration error (15 bins) of the crowd head's temperature-scaled shares, FER+ majority",
    "ferplus_macro_recall": "mean recall over the seven emotions at the released operating point, which the agent speaks",
    "per_class_recall": "at the released operating point; 'plain' holds the first choice's",
    "macro_f1": "at the released operating point",
    "ms_per_face": "median CPU milliseconds of one int8 inference on one thread",
}


def evaluate(
    description: Description,
    model: bytes,
    faces: Faces,
    settings: Evaluate,
    *,
    points: npt.NDArray[np.float32] | None = None,
    float_model: bytes | None = None,
    groups: npt.NDArray[np.str_] | None = None,
    other_python: Path | None = None,
) -> dict[str, Any]:
    """Measure a bundle on ``faces``.

    Args:
        description: model.json.
        model: the .tflite's bytes.
        faces: what to measure on.
        settings: the seed of the disturbances, the number of timed runs.
        points: (N, 5, 2) landmarks of ``faces``, for the opened mouths; None leaves those out.
        float_model: the network before it became int8; None leaves the comparison out.
        groups: (N,) a group of people for each image, where the data set knows; None leaves those figures out.
        other_python: an interpreter with another TFLite runtime, to time the network there as well.

    Raises:
        DataError: no image has a majority.
        BundleError: the network cannot be run.
    """
    head, network = description.outputs.crowd, Network(model)
    crowd, fer2013 = network.logits(faces.images)
    seen = np.flatnonzero(faces.targets.majority >= 0)
    if not len(seen):
        raise DataError("no image of this split has a label that most people agreed on")
    labels, logits = faces.targets.majority[seen], crowd[seen, : len(EMOTIONS)]
    scores, readable = head.read(crowd)
    plain_shares = figures.softmax(logits / head.temperature)
    plain, point = _choices(plain_shares, labels), _choices(scores[seen], labels)
    sure = head.sure(scores[seen])
    right = scores[seen].argmax(1) == labels
    timed = milliseconds(model, settings.latency_runs)
    if other_python is not None:
        timed = {**elsewhere(other_python, model, settings.latency_runs), **timed}
    return {
        **figures.accuracies(crowd, fer2013, faces.targets),
        "ferplus_macro_recall": point["macro_recall"],
        "macro_f1": point["macro_f1"],
        "ece": plain["ece"],
        "per_class_recall": point["per_class_recall"],
        "size_bytes": len(model),
        "ms_per_face": timed["ai-edge-litert"],
        "ms_per_face_by_runtime": timed,
        "images": {"all": len(faces), "majority": len(seen)},
        "plain": plain,
        "operating_point": {
            **point,
            "unsure_share": float(1 - sure.mean()),
            "selective_accuracy": float(right[sure].mean()) if sure.any() else None,
            "curve": [vars(p) for p in curve(logits / head.temperature, labels, _prior(head), 1.0)],
        },
        "risk_coverage": {
            "coverage": COVERAGES.tolist(),
            "accuracy": figures.risk_coverage(scores[seen].max(1), right, COVERAGES).tolist(),
        },
        "readable": _readable(head, network, faces, readable, settings.seed),
        "robustness": _robustness(network, faces, settings.seed),
        "opened_mouth": None if points is None else _opened_mouth(head, network, faces, points),
        "int8": None if float_model is None else _against_float(Network(float_model), faces, crowd, fer2013),
        "groups": None if groups is None else _per_group(scores[seen], labels, groups[seen]),
        "definitions": DEFINITIONS,
    }


def _choices(shares: Shares, labels: Labels) -> dict[str, Any]:
    counts = figures.confusion(shares.argmax(1), labels)
    bins = figures.reliability(shares, labels)
    return {
        "accuracy": float(counts.trace() / counts.sum()),
        "macro_recall": figures.macro_recall(counts),
        "macro_f1": figures.macro_f1(counts),
        "ece": bins.ece,
        "per_class_recall": dict(zip(EMOTIONS, _listed(figures.recalls(counts)), strict=True)),
        "confusion": counts.tolist(),
        "reliability": {
            "confidence": _listed(bins.confidence),
            "accuracy": _listed(bins.accuracy),
            "share": _listed(bins.share),
        },
    }


def _prior(head: CrowdHead) -> Shares:
    """The log prior that the bundle was shifted by; zeros where it was not."""
    shift = -np.array(head.log_prior_shift)
    return shift / head.shift_strength if head.shift_strength else shift


def _readable(head: CrowdHead, network: Network, faces: Faces, readable: Shares, seed: int) -> dict[str, float | None]:
    """Shares of images kept or refused at the released threshold."""
    rng = np.random.default_rng(seed)
    made = np.stack([no_face(image, rng) for image in faces.images])
    passes = readable >= head.readable_threshold
    refused = head.read(network.logits(made)[0])[1] < head.readable_threshold
    voted = faces.targets.crowd[:, _UNREADABLE] >= _HALF
    return {
        "faces_kept": float(passes[faces.targets.majority >= 0].mean()),
        "voted_unreadable_refused": float(1 - passes[voted].mean()) if voted.any() else None,
        "voted_unreadable_images": int(voted.sum()),
        "no_face_refused": float(refused.mean()),
    }


def _robustness(network: Network, faces: Faces, seed: int) -> dict[str, dict[str, float]]:
    rows = {}
    for row in robustness.DISTURBANCES:
        crowd, fer2013 = network.logits(robustness.disturbed(faces.images, row, seed))
        rows[row.name] = figures.accuracies(crowd, fer2013, faces.targets)
    return rows


def _opened_mouth(head: CrowdHead, network: Network, faces: Faces, points: npt.NDArray[np.float32]) -> dict[str, Any]:
    """Recall of neutral faces as they are, and with the mouth opened by shares of its width."""
    rows = np.flatnonzero((faces.targets.majority == _NEUTRAL) & ~np.isnan(points[:, 0, 0]))
    recall: dict[str, float] = {}
    for amount in (0.0, 0.15, 0.3, 0.45):
        opened = [faces.images[row] if not amount else open_mouth(faces.images[row], points[row], amount, 0.4) for row in rows]
        recall[str(amount)] = float((head.read(network.logits(np.stack(opened))[0])[0].argmax(1) == _NEUTRAL).mean())
    return {"images": len(rows), "neutral_recall_by_opening": recall}


def _against_float(network: Network, faces: Faces, crowd: Logits, fer2013: Logits) -> dict[str, float]:
    """How often int8 and float choose alike, and the accuracy that int8 loses (negative: it gains)."""
    float_crowd, float_fer2013 = network.logits(faces.images)
    before, after = (
        figures.accuracies(float_crowd, float_fer2013, faces.targets),
        figures.accuracies(crowd, fer2013, faces.targets),
    )
    alike = float_crowd[:, : len(EMOTIONS)].argmax(1) == crowd[:, : len(EMOTIONS)].argmax(1)
    return {"agreement": float(alike.mean()), **{f"{key}_loss": before[key] - after[key] for key in before}}


def _per_group(scores: Shares, labels: Labels, groups: npt.NDArray[np.str_]) -> dict[str, dict[str, float]]:
    per_group = {}
    for name in np.unique(groups):
        counts = figures.confusion(scores[groups == name].argmax(1), labels[groups == name])
        per_group[str(name)] = {
            "images": int(counts.sum()),
            "accuracy": float(counts.trace() / counts.sum()),
            "macro_recall": figures.macro_recall(counts),
        }
    return per_group


def _listed(values: Shares) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 5) for value in values]
