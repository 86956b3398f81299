"""How often an image is drawn in training: as often as it comes, unless emotions or exports are to weigh more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS, Targets
from howsitgoing_models.parameters import Data


def chances(targets: Targets, settings: Data, exported: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.float64] | None:
    """(N,) chance of each image to be drawn; None: every image once an epoch.

    An image's chance goes down with its emotion's frequency to the power of ``balance``; then those of exports are scaled so
    that they add up to ``export_share``.

    Raises:
        DataError: a share is asked for, and there are no exports, or nothing else.
    """
    if not settings.balance and not settings.export_share:
        return None
    weights = _by_emotion(targets, settings.balance)
    if settings.export_share:
        if exported is None or exported.all() or not exported.any():
            raise DataError(
                f"data.export_share is {settings.export_share}, but there is nothing to mix: give an export and, beside it, a"
                " published data set"
            )
        weights[exported] *= settings.export_share / weights[exported].sum()
        weights[~exported] *= (1 - settings.export_share) / weights[~exported].sum()
    return np.asarray(weights / weights.sum(), np.float64)


def _by_emotion(targets: Targets, balance: float) -> npt.NDArray[np.float64]:
    emotion = np.where(targets.majority >= 0, targets.majority, np.maximum(targets.fer2013, 0))
    share = np.bincount(emotion, minlength=len(EMOTIONS))[emotion] / len(emotion)
    return np.asarray(share**-balance, np.float64)
