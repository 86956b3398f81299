"""The stages after training, each from files to files in the folder of a run.

train -> net.keras -> convert -> float.tflite, bundle/model.tflite -> calibrate -> bundle/model.json -> release
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.dataset import DataSet
from howsitgoing_models.data.drawing import chances
from howsitgoing_models.errors import BundleError, DataError
from howsitgoing_models.figures import accuracies
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, UNREADABLE
from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.parameters import Parameters
from howsitgoing_models.release import bundle, calibrate
from howsitgoing_models.release.gate import Headline, export_refusals, headline, refusals
from howsitgoing_models.release.provenance import provenance

_FEW = 0.25
"""Share of votes for "unreadable" below which an image counts as a readable face."""


@dataclass(frozen=True)
class Run:
    """The files of one run."""

    folder: Path

    @property
    def net(self) -> Path:
        """Trained weights and architecture."""
        return self.folder / "net.keras"

    @property
    def float_model(self) -> Path:
        """The network before int8."""
        return self.folder / "float.tflite"

    @property
    def bundle(self) -> Path:
        """model.tflite and model.json, not yet released."""
        return self.folder / "bundle"


def convert(run: Run, net: Path, data: DataSet, parameters: Parameters) -> dict[str, Any]:
    """Write both .tflite files, and compare them on the images held out for choices.

    Raises:
        DataError: the trained network is missing or broken.
    """
    # seconds of import that the other stages do without
    from howsitgoing_models.release.convert import to_float, to_int8, with_mirror
    from howsitgoing_models.training.weights import save, trained

    whole = trained(net)
    run.bundle.mkdir(parents=True, exist_ok=True)
    save(run.bundle / bundle.WEIGHTS_FILE, whole)
    settings = parameters.convert
    if settings.mirror:
        whole = with_mirror(whole)
    rows = data.rows("train", parameters.data)
    rows = np.random.default_rng(settings.seed).permutation(rows)[: settings.representative]
    small, large = to_int8(whole, data.faces.images[rows]), to_float(whole)
    (run.bundle / bundle.MODEL_FILE).write_bytes(small)
    run.float_model.write_bytes(large)
    choose = data.faces.take(data.rows("choose", parameters.data))
    before, after = Network(large).logits(choose.images), Network(small).logits(choose.images)
    alike = before[0][:, : len(EMOTIONS)].argmax(1) == after[0][:, : len(EMOTIONS)].argmax(1)
    return {
        "size_bytes": len(small),
        "agreement": float(alike.mean()),
        "float": accuracies(*before, choose.targets),
        "int8": accuracies(*after, choose.targets),
    }


def calibrated(run: Run, sources: Sequence[Path], data: DataSet, parameters: Parameters) -> bundle.Description:
    """Choose the operating point on the images held out for choices, and write model.json.

    Raises:
        DataError: nothing was converted yet, or there are too few images.
    """
    try:
        model = (run.bundle / bundle.MODEL_FILE).read_bytes()
    except OSError as error:
        raise DataError(f"{run.bundle} holds no {bundle.MODEL_FILE}: convert first ({error.strerror})") from error
    settings, network = parameters.calibrate, Network(model)
    faces = data.faces.take(data.rows("choose", parameters.data))
    crowd, fer2013 = network.logits(faces.images)
    targets = faces.targets
    seen, labelled = targets.majority >= 0, targets.fer2013 >= 0
    labels = targets.majority[seen]
    warmth = calibrate.temperature(crowd[seen, : len(EMOTIONS)], labels)
    rows = data.rows("train", parameters.data)
    learnt = data.faces.take(rows).targets
    prior = calibrate.log_prior(learnt.majority, chances(learnt, parameters.data, data.exported[rows]))
    points = calibrate.curve(crowd[seen, : len(EMOTIONS)] / warmth, labels, prior, settings.max_strength)
    point = calibrate.choose(points, settings)
    head = bundle.CrowdHead(
        index=network.crowd_index,
        temperature=round(warmth, 4),
        log_prior_shift=tuple(round(float(-point.strength * value), 4) for value in prior),
        shift_strength=point.strength,
    )
    scores, readable = head.read(crowd)
    voted = targets.crowd[:, CROWD_OUTPUTS.index(UNREADABLE)]
    head = head.model_copy(
        update={
            "thresholds": calibrate.thresholds(scores[seen], labels, settings),
            "readable_threshold": round(
                calibrate.readable_threshold(readable, seen & (voted < _FEW), settings.keep_readable), 4
            ),
        }
    )
    digest = bundle.sha256(model)
    description = bundle.Description(
        id=f"emotion-{datetime.now(UTC):%Y.%m.%d}-{digest[:8]}",
        sha256=digest,
        outputs=bundle.Outputs(
            crowd=head,
            fer2013=bundle.Fer2013Head(
                index=network.fer2013_index,
                temperature=round(calibrate.temperature(fer2013[labelled], targets.fer2013[labelled]), 4),
            ),
        ),
        provenance=provenance(sources, data.splits(parameters.data), parameters),
    )
    bundle.save(run.bundle, description, model)
    return description


def released(
    candidate: Path, report: dict[str, Any], place: Path, parameters: Parameters, *, in_place: Headline | None = None
) -> bundle.Description:
    """Put the bundle in ``candidate`` into ``place``, its figures with it, unless it is worse than what is there.

    Args:
        candidate: a bundle's folder.
        report: what `evaluate` measured of it, and under ``export`` what `compare` found, where there are exports.
        place: the released folder; may hold a model or none.
        parameters: tolerances.
        in_place: figures of the model in ``place`` on the very same faces; None: those that were published with it.

    Raises:
        BundleError: it is worse, or too large; the message says in which figures.
    """
    description, model = bundle.load(candidate)
    new = headline(report)
    if in_place is None and (place / bundle.DESCRIPTION_FILE).exists():
        in_place = bundle.load(place)[0].figures
    reasons = refusals(new, in_place, parameters.gate)
    if report.get("export") is not None:
        reasons += export_refusals(report["export"], parameters.gate)
    if reasons:
        raise BundleError("not released: " + "; ".join(reasons))
    description = description.model_copy(update={"figures": {k: _rounded(v) for k, v in new.items()}})
    bundle.save(place, description, model)
    if (candidate / bundle.WEIGHTS_FILE).exists():
        shutil.copyfile(candidate / bundle.WEIGHTS_FILE, place / bundle.WEIGHTS_FILE)
    (place / "report.json").write_text(json.dumps(report, indent=1, default=_plain) + "\n", encoding="utf-8")
    return description


def _rounded(value: float | None) -> float | int | None:
    return round(value, 4) if isinstance(value, float) else value


def _plain(value: npt.NDArray[Any] | np.generic) -> Any:  # noqa: ANN401  what JSON takes
    return value.tolist()
