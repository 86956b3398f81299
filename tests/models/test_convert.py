"""What ships computes what was trained."""

from __future__ import annotations

import numpy as np
import pytest
from support.golden_faces import golden_faces

from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.parameters import Net

pytestmark = pytest.mark.train
NET = Net(widths=(8, 16), blocks=(0, 1))


def test_int8_takes_raw_pixels_and_follows_the_float_network() -> None:
    """The agent feeds pixels as they are: quantised with any other scale than 1, every face would be a shade off."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    import keras
    from ai_edge_litert.interpreter import Interpreter

    from howsitgoing_models.release.convert import to_float, to_int8
    from howsitgoing_models.training.net import face_net

    keras.config.set_dtype_policy("mixed_bfloat16")
    net = face_net(NET)
    keras.config.set_dtype_policy("float32")
    faces = golden_faces()
    small, large = to_int8(net, faces), to_float(net)
    (tensor,) = Interpreter(model_content=small).get_input_details()
    assert tensor["dtype"] is np.uint8
    assert tensor["quantization"] == (1.0, 0)
    assert len(small) < len(large) / 2
    for before, after in zip(Network(large).logits(faces), Network(small).logits(faces), strict=True):
        assert np.abs(before - after).max() < 0.1 * np.ptp(before)


def test_with_its_mirror_a_crop_and_its_mirror_image_read_alike() -> None:
    """A face does not look sadder from the other side; the mean of both views is the better guess."""
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    import keras

    from howsitgoing_models.release.convert import to_float, with_mirror
    from howsitgoing_models.training.net import face_net

    keras.utils.set_random_seed(1)
    net = face_net(NET)
    faces = np.random.default_rng(5).integers(0, 256, (5, 48, 48)).astype(np.uint8)
    one, both = Network(to_float(net), batch=2), Network(to_float(with_mirror(net)), batch=2)
    mean = (one.logits(faces)[0] + one.logits(faces[:, :, ::-1])[0]) / 2
    assert np.allclose(both.logits(faces)[0], mean, atol=1e-4)
    assert np.allclose(both.logits(faces)[0], both.logits(faces[:, :, ::-1])[0], atol=1e-4)
    assert not np.allclose(one.logits(faces)[0], mean, atol=1e-4)
