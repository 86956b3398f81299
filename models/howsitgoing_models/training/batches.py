"""Shuffled, varied batches, anew in every epoch."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.drawing import chances
from howsitgoing_models.data.faces import Faces
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS, UNREADABLE
from howsitgoing_models.parameters import Parameters
from howsitgoing_models.training.augment import no_face, talking, vary
from howsitgoing_models.training.distil import Lessons, mixed

_NEUTRAL = EMOTIONS.index("neutral")
_UNREADABLE = CROWD_OUTPUTS.index(UNREADABLE)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Batches of (images (B, 48, 48, 1), {"crowd": (B, 8), "fer2013": (B, 7)}); a target row of zeros counts for nothing.

    Which images stand in a batch, and how they are varied, follows from the seed and the number of the epoch alone, so a run
    that is taken up again sees what it would have seen.
    """

    def __init__(
        self,
        faces: Faces,
        points: npt.NDArray[np.float32],
        parameters: Parameters,
        epoch: int = 0,
        *,
        lessons: Lessons | None = None,
        exported: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Nothing is drawn before it is asked for.

        Args:
            faces: what to learn from.
            points: (N, 5, 2) landmarks of ``faces``, NaN = none.
            parameters: everything that shapes the run.
            epoch: the first.
            lessons: what larger networks say of ``faces``.
            exported: (N,) which of them come from exports; see ``data.export_share``.

        Raises:
            DataError: a share is asked for, and there is nothing to mix.
        """
        super().__init__(workers=1, max_queue_size=8)
        self._faces, self._points = faces, points
        self._augment, self._size, self._seed = parameters.augment, parameters.train.batch, parameters.train.seed
        self._talkable = (faces.targets.majority == _NEUTRAL) & ~np.isnan(points[:, 0, 0])
        self._crowd = faces.targets.crowd
        self._fer2013 = _smoothed(faces.targets.fer2013, parameters.train.label_smoothing)
        if lessons is not None:
            self._crowd = mixed(self._crowd, lessons.crowd, parameters.distil.weight)
            self._fer2013 = mixed(self._fer2013, lessons.fer2013, parameters.distil.weight)
        self._chances = chances(faces.targets, parameters.data, exported)
        self.start(epoch)

    def start(self, epoch: int) -> None:
        """Shuffle for ``epoch``."""
        self._epoch = epoch
        rng, number = np.random.default_rng([self._seed, epoch]), len(self._faces)
        self._order = rng.permutation(number) if self._chances is None else rng.choice(number, number, p=self._chances)

    def __len__(self) -> int:
        """Whole batches in an epoch; the rest is left out, other images each time."""
        return len(self._faces) // self._size

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.uint8], dict[str, npt.NDArray[np.float32]]]:
        """Batch number ``index``."""
        rng = np.random.default_rng([self._seed, self._epoch, index])
        rows = self._order[index * self._size : (index + 1) * self._size]
        crowd, fer2013 = self._crowd[rows], self._fer2013[rows]
        images = np.empty((len(rows), *self._faces.images.shape[1:], 1), np.uint8)
        for place, row in enumerate(rows):
            image = self._faces.images[row]
            if rng.random() < self._augment.negative_share:
                image = no_face(image, rng)
                crowd[place] = fer2013[place] = 0
                crowd[place, _UNREADABLE] = 1
            elif self._talkable[row] and rng.random() < self._augment.open_mouth_chance:
                image = talking(image, self._points[row], rng)
            images[place, ..., 0] = vary(image, self._augment, rng)
        return images, {"crowd": crowd, "fer2013": fer2013}


def _smoothed(labels: npt.NDArray[np.int64], smoothing: float) -> npt.NDArray[np.float32]:
    """(N,) -> (N, 7) label distribution (Szegedy et al., CVPR 2016); zeros where the label is -1."""
    targets = np.full((len(labels), len(EMOTIONS)), smoothing / len(EMOTIONS), np.float32)
    known = labels >= 0
    targets[known, labels[known]] += 1 - smoothing
    targets[~known] = 0
    return targets
