"""Batch norm by the backend's own kernel, where it has one."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="howsitgoing")
class FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # keras has no types
    """Batch normalisation over the last axis of (B, H, W, C).

    Keras puts it together from a dozen operations, each over the whole tensor; on a processor that takes as long as the
    convolutions. TensorFlow's kernel does it in one, and an epoch in half the time. On another backend it is Keras's own.
    The kernel's running variance is the unbiased one, (n / n-1) of Keras's.
    """

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,  # noqa: FBT001  Keras's signature
        mask: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        """(B, H, W, C) -> (B, H, W, C); with ``training``, the batch's own mean and variance, which are also averaged."""
        if keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        from tensorflow.compat.v1 import nn

        if not training:
            statistics = {"mean": self.moving_mean.value, "variance": self.moving_variance.value}
            return nn.fused_batch_norm(
                inputs, self.gamma.value, self.beta.value, **statistics, epsilon=self.epsilon, is_training=False
            )[0]
        outputs, mean, variance = nn.fused_batch_norm(inputs, self.gamma.value, self.beta.value, epsilon=self.epsilon)
        for average, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average + (new - average) * (1 - self.momentum))
        return outputs
