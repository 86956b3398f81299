"""From Keras to TFLite: int8 inside, raw pixels in, float logits out; batch norm folded into the convolutions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils


def in_float32(net: keras.Model) -> keras.Model:
    """The same network, all of it computing in float32, whatever it was trained in."""
    plain = keras.models.model_from_json(net.to_json().replace('"mixed_bfloat16"', '"float32"'))
    plain.set_weights(net.get_weights())
    return plain


def with_mirror(net: keras.Model) -> keras.Model:
    """Looks at each crop and at its mirror image, and answers with the mean of both: surer, at twice the time."""
    pixels = keras.Input(net.input_shape[1:], name="pixels")
    mirrored = keras.ops.take(pixels, np.arange(net.input_shape[2])[::-1], axis=2)
    both = in_float32(net)(keras.ops.concatenate([pixels, mirrored], axis=0))
    mean = {name: keras.ops.mean(keras.ops.reshape(logits, (2, -1, logits.shape[1])), axis=0) for name, logits in both.items()}
    return keras.Model(pixels, mean, name="with_mirror")


def to_float(net: keras.Model) -> bytes:
    """A float32 .tflite of ``net``: what int8 is compared with."""
    return _converted(net, None)


def to_int8(net: keras.Model, crops: npt.NDArray[np.uint8]) -> bytes:
    """An int8 .tflite of ``net``.

    Args:
        net: (B, 48, 48, 1) pixels 0..255 -> a dictionary of logits.
        crops: (N, 48, 48) gray crops like those it will see; the ranges of its activations are taken from them.
    """
    crops = crops.copy()
    crops[0, 0, :2] = 0, 255  # both ends occur, so that a quantised pixel is the pixel itself: scale 1, zero 0
    return _converted(net, crops)


def _converted(net: keras.Model, crops: npt.NDArray[np.uint8] | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        in_float32(net).export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if crops is not None:

            def representative() -> Iterator[list[npt.NDArray[np.float32]]]:
                for crop in crops:
                    yield [crop[None, ..., None].astype(np.float32)]

            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = representative
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.uint8
        return _slim(converter.convert())


def _slim(model: bytes) -> bytes:
    """Without the names of tensors, which nothing reads at run time."""
    tree = flatbuffer_utils.read_model_from_bytearray(bytearray(model))
    flatbuffer_utils.strip_strings(tree)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(tree))
