"""Ask trained networks about every image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from howsitgoing_models.parameters import Distil
from howsitgoing_models.training.distil import Lessons, averaged
from howsitgoing_models.training.weights import trained


def ask(teachers: Sequence[Path], images: npt.NDArray[np.uint8], settings: Distil) -> Lessons:
    """The mean of all ``teachers`` (files of trained networks) on (N, 48, 48) ``images`` and their mirror images.

    Raises:
        DataError: a file is no trained network.
    """
    answers = []
    for path in teachers:
        teacher = trained(path)
        for view in (images, images[:, :, ::-1]):
            outputs = teacher.predict(view[..., None], batch_size=256, verbose=0)
            answers.append((np.asarray(outputs["crowd"]), np.asarray(outputs["fer2013"])))
    return averaged(answers, settings.temperature)
