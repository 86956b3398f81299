"""Run a released network by LiteRT, or by tflite-runtime where that is what is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.types import Pixels, Scores
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision.bundle import Bundle
from howsitgoing_edge.vision.hush import hushed

_RUNTIMES: Final = ("ai_edge_litert", "tflite_runtime")
"""Both have an ``interpreter`` module with the same interface; the first one installed is used."""
_SEVEN: Final = len(EMOTIONS)

Floats = npt.NDArray[np.float32]


class LiteRtClassifier:
    """Reads crops by the network of a bundle. Used by one thread."""

    def __init__(self, bundle: Bundle, threads: int) -> None:
        """Load the network and check it against its description.

        Raises:
            ModelError: no runtime is installed, or the network is broken or not what its description says.
        """
        self.bundle = bundle
        self._interpreter = _open(bundle, threads)
        self._input = _fitting_input(bundle, self._interpreter)
        self._values = _pixel_values(bundle, self._input)
        self._outputs = _fitting_outputs(bundle, self._interpreter)
        crowd = bundle.crowd
        self._crowd, self._temperature = self._outputs["crowd"], np.float32(crowd.temperature)
        self._shift = np.array(crowd.log_prior_shift, np.float32)
        self.score(np.zeros((48, 48), np.uint8))  # the first run prepares kernels; a network that cannot run is found here

    def score(self, crop: Pixels) -> Scores:
        """Calibrated scores of a (48, 48) uint8 gray crop."""
        logits = self.logits(crop)["crowd"] / self._temperature
        return Scores(_softmax(logits[:_SEVEN] + self._shift), float(1 - _softmax(logits)[_SEVEN]))

    def logits(self, crop: Pixels) -> dict[str, Floats]:
        """Every described output, dequantised: ``crowd`` (8,) and, where there is one, ``fer2013`` (7,)."""
        self._interpreter.set_tensor(self._input["index"], self._values[crop][None, :, :, None])
        self._interpreter.invoke()
        return {name: _real(self._interpreter.get_tensor(detail["index"])[0], detail) for name, detail in self._outputs.items()}


def _open(bundle: Bundle, threads: int) -> Any:  # noqa: ANN401  either runtime's Interpreter; both are untyped
    runtime = next((name for name in _RUNTIMES if find_spec(name)), None)
    if runtime is None:
        raise ModelError("nothing here can run the network: install 'ai-edge-litert' (or 'tflite-runtime' with numpy below 2)")
    try:
        with hushed():
            interpreter = import_module(f"{runtime}.interpreter").Interpreter(model_content=bundle.network, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, ImportError, AttributeError) as error:
        # AttributeError: how tflite-runtime, built for numpy 1, dies of numpy 2.
        raise ModelError(f"{bundle.folder / 'model.tflite'}: {runtime} cannot run it ({_first_line(error)})") from error
    return interpreter


def _fitting_input(bundle: Bundle, interpreter: Any) -> dict[str, Any]:  # noqa: ANN401
    details = interpreter.get_input_details()
    wanted = bundle.description.input
    shape = [1, wanted.height, wanted.width, wanted.channels]
    if len(details) != 1 or list(details[0]["shape"]) != shape or np.dtype(details[0]["dtype"]) != np.dtype(wanted.dtype):
        found = "; ".join(f"{list(map(int, d['shape']))} {np.dtype(d['dtype'])}" for d in details)
        raise _misfit(bundle, f"its input is {found}, described as {shape} {wanted.dtype}")
    return dict(details[0])


def _fitting_outputs(bundle: Bundle, interpreter: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    details, described = interpreter.get_output_details(), bundle.description.outputs
    fitting = {}
    for name, output, length in (("crowd", described.crowd, _SEVEN + 1), ("fer2013", described.fer2013, _SEVEN)):
        if output is None:
            continue
        if output.index >= len(details):
            raise _misfit(bundle, f"it has {len(details)} outputs, {name} is described as number {output.index}")
        detail = details[output.index]
        if list(detail["shape"]) != [1, length]:
            raise _misfit(bundle, f"output {output.index} is {list(map(int, detail['shape']))}, {name} needs [1, {length}]")
        if (kind := np.dtype(detail["dtype"])) not in (np.float32, np.int8, np.uint8):
            raise _misfit(bundle, f"output {output.index} ({name}) has the type {kind}; float32, int8 and uint8 are read")
        fitting[name] = dict(detail)
    return fitting


def _pixel_values(bundle: Bundle, detail: dict[str, Any]) -> npt.NDArray[Any]:
    """(256,) table: what each pixel value is fed as, normalised and, for an integer input, quantised as the file says."""
    normalisation, kind = bundle.description.input.normalisation, np.dtype(detail["dtype"])
    real = np.arange(256, dtype=np.float64) * normalisation.scale + normalisation.offset
    if kind.kind == "f":
        return real.astype(kind)
    scale, zero = detail["quantization"]
    limits = np.iinfo(kind)
    values: npt.NDArray[Any] = np.clip(np.round(real / (scale or 1.0) + zero), limits.min, limits.max).astype(kind)
    return values


def _real(tensor: npt.NDArray[Any], detail: dict[str, Any]) -> Floats:
    scale, zero = detail["quantization"]
    values = tensor.astype(np.float32)
    return values if tensor.dtype.kind == "f" else (values - np.float32(zero)) * np.float32(scale or 1.0)


def _softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum(), np.float32)


def _misfit(bundle: Bundle, what: str) -> ModelError:
    return ModelError(
        f"{bundle.folder / 'model.tflite'} does not fit its model.json: {what}; release the model again, or take another"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
