"""Disturbances are the same for every model that is compared."""

from __future__ import annotations

import numpy as np
import pytest

from howsitgoing_models.measure.robustness import DISTURBANCES, Disturbance, disturbed

FACES = np.random.default_rng(3).integers(0, 256, (4, 48, 48)).astype(np.uint8)


@pytest.mark.parametrize("row", DISTURBANCES, ids=lambda row: row.name)
def test_a_disturbance_changes_the_crop_and_nothing_else(row: Disturbance) -> None:
    """Same size, same type, other pixels; the original stays as it was."""
    before = FACES.copy()
    after = disturbed(FACES, row, 5)
    assert (after.shape, after.dtype) == (FACES.shape, np.uint8)
    assert (after != FACES).any()
    assert np.array_equal(FACES, before)


@pytest.mark.parametrize("row", DISTURBANCES, ids=lambda row: row.name)
def test_the_same_seed_disturbs_alike(row: Disturbance) -> None:
    """A gate that compares two models on different noise compares the noise."""
    assert np.array_equal(disturbed(FACES, row, 5), disturbed(FACES, row, 5))
