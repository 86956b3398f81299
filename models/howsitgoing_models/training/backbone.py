"""Transfer learning: a Keras application that has seen other pictures, with our two heads on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import keras
from keras import layers

from howsitgoing_models.errors import DataError
from howsitgoing_models.parameters import Backbone
from howsitgoing_models.training.net import SIDE, heads

_CENTRED: Final = frozenset({"InceptionV3", "Xception", "MobileNetV2"})
"""These want pixels of -1 to 1; the others take 0 to 255 and scale them themselves."""


def transfer_net(settings: Backbone) -> keras.Model:
    """Gray pixels (B, 48, 48, 1) 0..255 -> {"crowd": logits (B, 8), "fer2013": logits (B, 7)}, float32.

    Weights called ``imagenet`` come from Keras's cache or the network; a path is a file that ``save_weights`` wrote.

    Raises:
        DataError: the weights cannot be had, or do not fit the backbone.
    """
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels")
    x = layers.Resizing(settings.side, settings.side)(pixels)
    x = layers.Concatenate()([x, x, x])
    if settings.name in _CENTRED:
        x = layers.Rescaling(1 / 127.5, offset=-1.0)(x)
    backbone = _backbone(settings)
    backbone.trainable = not settings.frozen
    feature = layers.Dropout(settings.dropout)(backbone(x))
    return keras.Model(pixels, heads(feature), name="transfer_net")


def _backbone(settings: Backbone) -> keras.Model:
    known = settings.weights in {"imagenet", ""}
    try:
        backbone = getattr(keras.applications, settings.name)(
            include_top=False,
            weights=settings.weights or None if known else None,
            input_shape=(settings.side, settings.side, 3),
            pooling="avg",
            **settings.options,
        )
        if not known:
            backbone.load_weights(Path(settings.weights))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"weights {settings.weights!r} of the backbone {settings.name}: {error}") from error
    return backbone
