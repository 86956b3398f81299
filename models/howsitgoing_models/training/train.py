"""Train the network: SGD with a cosine schedule, a checkpoint after every epoch."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from howsitgoing_models.data.faces import Faces
from howsitgoing_models.errors import DataError
from howsitgoing_models.figures import accuracies
from howsitgoing_models.parameters import Parameters
from howsitgoing_models.training.backbone import transfer_net
from howsitgoing_models.training.batches import Batches
from howsitgoing_models.training.distil import Lessons
from howsitgoing_models.training.loss import cross_entropy
from howsitgoing_models.training.net import face_net
from howsitgoing_models.training.weights import begin_with


def train(
    parameters: Parameters,
    learn: Faces,
    choose: Faces,
    points: npt.NDArray[np.float32],
    run: Path,
    *,
    start: Path | None = None,
    lessons: Lessons | None = None,
    exported: npt.NDArray[np.bool_] | None = None,
    verbose: str | int = "auto",
) -> keras.Model:
    """Train on ``learn``, report on ``choose`` after each epoch, and return the network.

    Args:
        parameters: everything that shapes the run.
        learn: training faces.
        choose: held-out faces for the report (training itself does not look at them).
        points: (N, 5, 2) landmarks of ``learn``, NaN = none.
        run: folder of checkpoint and history; a run found there is taken up where it was.
        start: a trained network of the same shape to begin with, or a released one's weights.npz.
        lessons: what larger networks say of ``learn``.
        exported: (N,) which of ``learn`` come from exports.
        verbose: Keras's progress bar: ``auto``, 0 none, 1 bar, 2 a line an epoch.

    Raises:
        DataError: there are too few images or nothing to mix, ``start`` is no such network, or the backbone's weights are not
            to be had.
    """
    settings = parameters.train
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    net = transfer_net(parameters.backbone) if parameters.backbone.name else face_net(parameters.net)
    if start is not None:
        begin_with(net, start)
    batches = Batches(learn, points, parameters, lessons=lessons, exported=exported)
    if not len(batches):
        raise DataError(f"{len(learn)} images do not fill one batch of {settings.batch}: more data, or a smaller train.batch")
    total, warmup = settings.epochs * len(batches), max(round(settings.warmup_epochs * len(batches)), 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, total - warmup, warmup_target=settings.learning_rate, warmup_steps=warmup
    )
    optimizer = keras.optimizers.SGD(
        schedule, momentum=0.9, nesterov=True, weight_decay=settings.weight_decay, global_clipnorm=settings.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    net.compile(
        optimizer,
        loss={"crowd": cross_entropy, "fer2013": cross_entropy},
        loss_weights={"crowd": 1.0, "fer2013": settings.fer2013_weight},
        jit_compile=False,
    )
    run.mkdir(parents=True, exist_ok=True)
    net.fit(
        batches,
        epochs=settings.epochs,
        shuffle=False,
        verbose=verbose,
        callbacks=[
            keras.callbacks.BackupAndRestore(run / "backup", delete_checkpoint=False),
            _Epochs(batches, choose, run / "history.jsonl"),
        ],
    )
    return net


class _Epochs(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Shuffle before each epoch; write a line of figures after it."""

    def __init__(self, batches: Batches, choose: Faces, history: Path) -> None:
        super().__init__()
        self._batches, self._choose, self._history = batches, choose, history

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        del logs
        self._batches.start(epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        outputs = self.model.predict(self._choose.images[..., None], batch_size=256, verbose=0)
        line = {"epoch": epoch + 1, **(logs or {}), **accuracies(outputs["crowd"], outputs["fer2013"], self._choose.targets)}
        with self._history.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
