"""An export beside FER2013: drawn at the share that was asked for, compared with the model in place, decided by the gate."""

from __future__ import annotations

import numpy as np
import pytest
from support.golden_faces import golden_faces

from howsitgoing_models.cli import RELEASED
from howsitgoing_models.data.dataset import DataSet, joined
from howsitgoing_models.data.drawing import chances
from howsitgoing_models.data.faces import LEARNING, TRAINING, Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS, Targets
from howsitgoing_models.measure.compare import compare
from howsitgoing_models.parameters import Data
from howsitgoing_models.release import bundle

SEVEN = np.arange(len(EMOTIONS))


def golden_set(times: int, *, exported: bool) -> DataSet:
    """The golden faces, so many times."""
    majority = np.tile(SEVEN, times)
    crowd = np.eye(len(EMOTIONS) + 1, dtype=np.float32)[majority]
    faces = Faces(np.tile(golden_faces(), (times, 1, 1)), Targets(np.full(len(majority), -1), crowd, majority))
    groups = np.array([f"device {n % 2}" for n in range(len(majority))]) if exported else None
    split = np.full(len(majority), LEARNING if exported else TRAINING, np.uint8)
    return DataSet(faces, split, np.full(len(majority), -1), groups, np.ones(len(majority), bool) if exported else None)


@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_exports_are_drawn_at_the_share_that_was_asked_for(balance: float) -> None:
    """However many faces either of them has; within each, rare emotions as before."""
    both = joined([golden_set(20, exported=False), golden_set(2, exported=True)])
    drawn = chances(both.faces.targets, Data(export_share=0.3, balance=balance), both.exported)
    assert drawn is not None
    assert drawn.sum() == pytest.approx(1)
    assert drawn[both.exported].sum() == pytest.approx(0.3)
    assert chances(both.faces.targets, Data(), both.exported) is None, "0: as they come"


@pytest.mark.parametrize("exported", [False, True])
def test_a_share_of_nothing_is_refused(exported: bool) -> None:  # noqa: FBT001
    """Before an hour of training on something else than was meant."""
    alone = golden_set(2, exported=exported)
    with pytest.raises(DataError, match=r"export_share is 0\.3, but there is nothing to mix"):
        chances(alone.faces.targets, Data(export_share=0.3), alone.exported)


def test_two_models_are_compared_on_the_same_faces_and_in_each_group() -> None:
    """What one gets right and the other wrong says more than two figures side by side."""
    on = golden_set(2, exported=True)
    description, network = bundle.load(RELEASED)
    crowd = description.outputs.crowd
    # the same network, but it says neutral to everything
    shift = tuple(50.0 if name == "neutral" else 0.0 for name in EMOTIONS)
    outputs = description.outputs.model_copy(update={"crowd": crowd.model_copy(update={"log_prior_shift": shift})})
    worse = description.model_copy(update={"id": "worse", "outputs": outputs})
    compared = compare((worse, network), (description, network), on.faces, on.groups)
    assert (compared["new"], compared["old"], compared["images"]) == ("worse", description.id, 14)
    assert compared["old_accuracy"] == 1
    assert compared["new_accuracy"] == pytest.approx(1 / 7)
    assert (compared["only_new_right"], compared["only_old_right"]) == (0, 12)
    assert compared["recall"]["neutral"] == {"images": 2, "new": 1.0, "old": 1.0}
    assert compared["recall"]["angry"] == {"images": 2, "new": 0.0, "old": 1.0}
    assert {name: row["images"] for name, row in compared["groups"].items()} == {"device 0": 7, "device 1": 7}


def test_faces_that_nobody_agreed_on_compare_nothing() -> None:
    """There is nothing to be right about."""
    on = golden_set(1, exported=True)
    nobody = Faces(on.faces.images, Targets(on.faces.targets.fer2013, on.faces.targets.crowd, np.full(7, -1)))
    model = bundle.load(RELEASED)
    with pytest.raises(DataError, match="no image of this split"):
        compare(model, model, nobody)
