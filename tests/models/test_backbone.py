"""Transfer learning from a Keras application: here a small one trained on our own faces, so nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.golden_faces import golden_faces, write_npz

from howsitgoing_models.data.faces import Faces
from howsitgoing_models.data.sources import load
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.parameters import Augment, Backbone, Parameters, Train

pytestmark = [
    pytest.mark.train,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras on TensorFlow, not ours
]
SMALL = {"alpha": 0.35, "minimalistic": True}


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Faces:
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    return load([write_npz(tmp_path_factory.mktemp("data") / "faces.npz", 14)]).faces


@pytest.fixture(scope="module")
def weights(faces: Faces, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backbone that has learnt to tell the golden faces apart a little."""
    import keras

    backbone = keras.applications.MobileNetV3Small(
        include_top=False, weights=None, input_shape=(48, 48, 3), pooling="avg", **SMALL
    )
    net = keras.Sequential([backbone, keras.layers.Dense(len(EMOTIONS))])
    net.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    net.fit(np.repeat(faces.images[..., None], 3, axis=3), faces.targets.majority, epochs=1, batch_size=32, verbose=0)
    path = tmp_path_factory.mktemp("weights") / "own.weights.h5"
    backbone.save_weights(path)
    return path


def parameters(weights: Path | str, *, frozen: bool) -> Parameters:
    return Parameters(
        backbone=Backbone(name="MobileNetV3Small", weights=str(weights), side=48, frozen=frozen, options=SMALL),
        augment=Augment(negative_share=0),
        train=Train(epochs=1, batch=32, precision="float32", learning_rate=0.05, warmup_epochs=0.3),
    )


def test_first_the_heads_learn_and_then_the_whole_network(faces: Faces, weights: Path, tmp_path: Path) -> None:
    """A backbone that is shaken by untrained heads forgets what it was taken for."""
    from howsitgoing_models.training.backbone import transfer_net
    from howsitgoing_models.training.train import train

    def backbone_of(net: object) -> list[np.ndarray]:
        return next(layer for layer in net.layers if "MobileNet" in layer.name).get_weights()  # type: ignore[attr-defined]

    points = np.full((len(faces), 5, 2), np.nan, np.float32)
    frozen = parameters(weights, frozen=True)
    before = transfer_net(frozen.backbone)
    first = train(frozen, faces, faces, points, tmp_path / "first", verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(backbone_of(before), backbone_of(first), strict=True))
    assert not np.array_equal(before.get_layer("crowd").get_weights()[0], first.get_layer("crowd").get_weights()[0])

    first.save(tmp_path / "first.keras")
    free = parameters(weights, frozen=False)
    second = train(free, faces, faces, points, tmp_path / "second", start=tmp_path / "first.keras", verbose=0)
    assert not all(np.array_equal(a, b) for a, b in zip(backbone_of(first), backbone_of(second), strict=True))


def test_a_transferred_network_becomes_int8_like_any_other(weights: Path) -> None:
    """Whatever it was made from, the edge runs one kind of file."""
    from howsitgoing_models.measure.runtime import Network
    from howsitgoing_models.release.convert import to_int8
    from howsitgoing_models.training.backbone import transfer_net

    net = transfer_net(parameters(weights, frozen=True).backbone)
    crowd, fer2013 = Network(to_int8(net, golden_faces())).logits(golden_faces())
    assert (crowd.shape, fer2013.shape) == ((7, 8), (7, 7))


def test_a_larger_network_teaches_a_small_one(faces: Faces, tmp_path: Path) -> None:
    """The lessons are made of the teachers' own words on these images, mirrored ones too."""
    import keras

    from howsitgoing_models.parameters import Distil, Net
    from howsitgoing_models.training.net import face_net
    from howsitgoing_models.training.teachers import ask

    keras.config.set_dtype_policy("float32")
    teacher = face_net(Net(widths=(4, 8), blocks=(0, 0)))
    teacher.save(tmp_path / "teacher.keras")
    lessons = ask([tmp_path / "teacher.keras"], faces.images[:20], Distil())
    assert lessons.crowd.shape == (20, 8)
    assert np.allclose(lessons.fer2013.sum(1), 1, atol=1e-5)
    with pytest.raises(DataError, match="no trained network"):
        ask([tmp_path / "none.keras"], faces.images[:20], Distil())


def test_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    """A path mistyped, or a file of another network."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    from howsitgoing_models.training.backbone import transfer_net

    with pytest.raises(DataError, match="backbone MobileNetV3Small"):
        transfer_net(parameters(tmp_path / "none.weights.h5", frozen=True).backbone)
