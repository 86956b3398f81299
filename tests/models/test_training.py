"""Parts of the training that are easy to get wrong without noticing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.golden_faces import write_npz

from howsitgoing_models import parameters
from howsitgoing_models.data.sources import load
from howsitgoing_models.errors import ParameterError
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS


@pytest.mark.train
def test_a_row_without_a_label_pulls_at_nothing() -> None:
    """TensorFlow's own loss gives such a row no loss but a gradient, which drove the logits away until training broke."""
    tf = pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.loss import cross_entropy

    logits = tf.Variable([[2.0, -1.0, 0.5], [2.0, -1.0, 0.5]])
    with tf.GradientTape() as tape:
        loss = cross_entropy(tf.constant([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), logits)
    gradient = tape.gradient(loss, logits).numpy()
    assert float(loss[0]) == 0
    assert not gradient[0].any()
    assert float(loss[1]) == pytest.approx(-np.log(np.exp(-1) / np.exp([2, -1, 0.5]).sum()), rel=1e-5)
    assert gradient[1].any()


@pytest.mark.train
def test_batch_norm_by_the_kernel_is_kerass_own() -> None:
    """Faster must not mean different: outputs in training and after it, and the running averages."""
    keras = pytest.importorskip("keras", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.norm import FusedBatchNormalization

    keras.config.set_dtype_policy("float32")
    fused, own = FusedBatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)
    batches = np.random.default_rng(1).normal(3, 2, (3, 64, 6, 6, 5)).astype(np.float32)
    for batch in batches:
        assert np.allclose(fused(batch, training=True), own(batch, training=True), atol=1e-4)
    assert np.allclose(fused(batches[0]), own(batches[0]), atol=1e-2)
    assert np.allclose(fused.moving_mean, own.moving_mean, rtol=1e-5)
    assert np.allclose(fused.moving_variance, own.moving_variance, rtol=1e-3), "unbiased against biased: n / (n - 1)"


@pytest.mark.train
def test_a_network_begins_with_the_weights_of_a_released_one(tmp_path: Path) -> None:
    """Who has new faces need not begin from nothing; who names the wrong file is told so."""
    keras = pytest.importorskip("keras", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.errors import DataError
    from howsitgoing_models.training.net import face_net
    from howsitgoing_models.training.weights import begin_with, save

    keras.config.set_dtype_policy("float32")
    shape = parameters.Net(widths=(4, 8), blocks=(0, 1))
    released, new = face_net(shape), face_net(shape)
    file = tmp_path / "weights.npz"
    save(file, released)
    begin_with(new, file)
    faces = np.random.default_rng(2).integers(0, 255, (8, 48, 48, 1), np.uint8)
    assert np.allclose(new.predict(faces, verbose=0)["crowd"], released.predict(faces, verbose=0)["crowd"], atol=1e-3)
    with pytest.raises(DataError, match="another shape"):
        begin_with(face_net(parameters.Net(widths=(4, 9), blocks=(0, 1))), file)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match="holds no weights"):
        begin_with(new, file)


@pytest.mark.train
def test_batches_follow_from_seed_and_epoch_alone(tmp_path: Path) -> None:
    """A run that was interrupted goes on with what it would have seen; the next epoch sees other variations."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.batches import Batches

    faces = load([write_npz(tmp_path / "faces.npz", 8)]).faces
    points = np.full((len(faces), 5, 2), np.nan, np.float32)
    settings = parameters.Parameters(train=parameters.Train(batch=16))
    first, again = Batches(faces, points, settings, epoch=3), Batches(faces, points, settings)
    again.start(3)
    for index in range(len(first)):
        assert np.array_equal(first[index][0], again[index][0])
    again.start(4)
    assert not np.array_equal(first[0][0], again[0][0])


@pytest.mark.train
def test_a_crop_without_a_face_teaches_silence_and_nothing_else(tmp_path: Path) -> None:
    """Its expression was cut away, so it must not count for the fer2013 head."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.batches import Batches

    faces = load([write_npz(tmp_path / "faces.npz", 8)]).faces
    settings = parameters.Parameters(augment=parameters.Augment(negative_share=0.49), train=parameters.Train(batch=64))
    _, targets = Batches(faces, np.full((len(faces), 5, 2), np.nan, np.float32), settings)[0]
    made = targets["crowd"][:, CROWD_OUTPUTS.index("unreadable")] == 1
    assert 10 < made.sum() < 54
    assert not targets["fer2013"][made].any()
    assert np.allclose(targets["fer2013"][~made].sum(1), 1)


@pytest.mark.train
def test_balance_draws_rare_emotions_more_often(tmp_path: Path) -> None:
    """Disgust is one image in eighty; at full balance it is one in seven."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.batches import Batches

    data = load([write_npz(tmp_path / "faces.npz", 60, test_per_emotion=1)])
    disgust = data.faces.targets.majority == EMOTIONS.index("disgust")
    faces = data.faces.take(~disgust | (np.cumsum(disgust) <= 4))
    points = np.full((len(faces), 5, 2), np.nan, np.float32)

    def share(balance: float) -> float:
        settings = parameters.Parameters(
            data=parameters.Data(balance=balance),
            augment=parameters.Augment(negative_share=0),
            train=parameters.Train(batch=32),
        )
        batches = Batches(faces, points, settings)
        drawn = np.concatenate([batches[n][1]["crowd"].argmax(1) for n in range(len(batches))])
        return float((drawn == EMOTIONS.index("disgust")).mean())

    assert share(0) < 0.03
    assert share(1) > 0.08


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[train]\nepoch = 3", "epoch"),
        ("[train]\nepochs = 0", "greater than or equal to 1"),
        ("[train", "parameters.toml"),
        ("[train]\nepochs = 2", "warmup"),
    ],
    ids=["unknown", "impossible", "broken", "at odds"],
)
def test_a_wrong_parameter_is_named(tmp_path: Path, text: str, words: str) -> None:
    """A mistyped name that is silently ignored costs a night of training."""
    path = tmp_path / "parameters.toml"
    path.write_text(text)
    with pytest.raises(ParameterError, match=words):
        parameters.read(path)


def test_the_packaged_parameters_are_whole() -> None:
    """Every field stands in the file: it is the documentation of what can be turned."""
    import tomllib

    given = tomllib.loads(parameters.DEFAULT.read_text("utf-8"))
    known = parameters.read().model_dump()
    assert {section: set(fields) for section, fields in given.items()} == {s: set(fields) for s, fields in known.items()}
