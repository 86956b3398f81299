"""Ask trained networks about every image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from howsitgoing_models.errors import DataError
from howsitgoing_models.parameters import Distil
from howsitgoing_models.training.distil import Lessons, averaged


def ask(teachers: Sequence[Path], images: npt.NDArray[np.uint8], settings: Distil) -> Lessons:
    """The mean of all ``teachers`` (files of trained networks) on (N, 48, 48) ``images`` and their mirror images.

    Raises:
        DataError: a file is no trained network.
    """
    answers = []
    for path in teachers:
        try:
            teacher = keras.models.load_model(path, compile=False)
        except (OSError, ValueError) as error:
            raise DataError(f"{path} is no trained network ({error})") from error
        for view in (images, images[:, :, ::-1]):
            outputs = teacher.predict(view[..., None], batch_size=256, verbose=0)
            answers.append((np.asarray(outputs["crowd"]), np.asarray(outputs["fer2013"])))
    return averaged(answers, settings.temperature)
