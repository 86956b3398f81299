"""Run a TFLite network on many crops, by ai-edge-litert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from howsitgoing_models.errors import BundleError
from howsitgoing_models.figures import Logits
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS


class Network:
    """A network with the crowd head (8 outputs) and the fer2013 head (7)."""

    def __init__(self, model: bytes, batch: int = 64) -> None:
        """Load ``model``, the bytes of a .tflite file.

        Raises:
            BundleError: it is no such file, or has other inputs or outputs.
        """
        try:
            self._runner = Interpreter(model_content=model, num_threads=1)
            self._runner.resize_tensor_input(self._runner.get_input_details()[0]["index"], [batch, 48, 48, 1])
            self._runner.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"not a usable TFLite network: {error}") from error
        self._input = self._runner.get_input_details()[0]
        self._batch = batch
        widths = {int(tensor["shape"][-1]): place for place, tensor in enumerate(self._runner.get_output_details())}
        if set(widths) != {len(CROWD_OUTPUTS), len(EMOTIONS)}:
            raise BundleError(f"the network's outputs have the widths {sorted(widths)}, not 7 and 8")
        self.crowd_index, self.fer2013_index = widths[len(CROWD_OUTPUTS)], widths[len(EMOTIONS)]

    def logits(self, images: npt.NDArray[np.uint8]) -> tuple[Logits, Logits]:
        """(N, 48, 48) gray pixels -> crowd (N, 8) and fer2013 (N, 7) logits."""
        outputs = self._runner.get_output_details()
        crowd, fer2013 = [], []
        for start in range(0, len(images), self._batch):
            part = images[start : start + self._batch]
            # an empty crop in the last places of an unfinished batch
            filled = np.zeros((self._batch, *images.shape[1:], 1), self._input["dtype"])
            filled[: len(part), ..., 0] = part
            self._runner.set_tensor(self._input["index"], filled)
            self._runner.invoke()
            crowd.append(self._real(outputs[self.crowd_index])[: len(part)])
            fer2013.append(self._real(outputs[self.fer2013_index])[: len(part)])
        return np.concatenate(crowd), np.concatenate(fer2013)

    def _real(self, output: Mapping[str, Any]) -> Logits:
        """An output's values, dequantised where they are whole numbers."""
        values: Logits = self._runner.get_tensor(output["index"])
        scale, zero = output["quantization"]
        return values if values.dtype.kind == "f" else ((values - np.float32(zero)) * np.float32(scale)).astype(np.float32)
