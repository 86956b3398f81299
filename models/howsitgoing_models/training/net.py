"""The network: convolutions with batch norm, residual blocks (He et al., CVPR 2016), one pooled feature, two linear heads."""

from __future__ import annotations

import keras
from keras import layers

from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS
from howsitgoing_models.parameters import Net
from howsitgoing_models.training.norm import FusedBatchNormalization

SIDE = 48


def face_net(net: Net) -> keras.Model:
    """Gray pixels (B, 48, 48, 1) 0..255 -> {"crowd": logits (B, 8), "fer2013": logits (B, 7)}, float32."""
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    for stage, (width, blocks) in enumerate(zip(net.widths, net.blocks, strict=True)):
        x = layers.ReLU()(_convolution(x, width, net, stride=1 if stage == 0 else 2))
        for _ in range(blocks):
            inner = _convolution(layers.ReLU()(_convolution(x, width, net)), width, net)
            x = layers.ReLU()(layers.Add()([x, inner]))
    feature = layers.Dropout(net.dropout)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, heads(feature), name="face_net")


def heads(feature: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
    """Both heads on one feature (B, F): float32 logits, whatever the rest computes in."""
    sizes = {"crowd": len(CROWD_OUTPUTS), "fer2013": len(EMOTIONS)}
    return {
        name: layers.Dense(size, kernel_initializer=_small(), dtype="float32", name=name)(feature)
        for name, size in sizes.items()
    }


def _convolution(x: keras.KerasTensor, width: int, net: Net, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(width, 3, stride, padding="same", use_bias=False, kernel_initializer=_small())(x)
    return FusedBatchNormalization(momentum=net.norm_momentum)(x)


def _small() -> keras.initializers.Initializer:
    """A third of a unit's variance: batch norm restores the scale, and small kernels take larger steps at first."""
    return keras.initializers.VarianceScaling(1 / 3, mode="fan_in", distribution="uniform")
