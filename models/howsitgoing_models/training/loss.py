"""The loss of both heads."""

from __future__ import annotations

import keras


def cross_entropy(targets: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Cross-entropy (B,) of logits (B, N) against distributions (B, N); a row of zeros counts for nothing.

    Not Keras's own: TensorFlow's fused kernel takes for granted that each row adds up to 1, and hands back a gradient for
    rows of zeros although their loss is 0. That drives the logits away without bound.
    """
    return -keras.ops.sum(targets * keras.ops.log_softmax(logits, axis=-1), axis=-1)
