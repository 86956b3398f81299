"""Time per face, one thread, in whichever TFLite runtime this Python has.

Needs numpy and a runtime alone, so that it also runs where tflite-runtime is: ``python latency.py model.tflite RUNS``.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

RUNTIMES: Final = {"ai-edge-litert": "ai_edge_litert.interpreter", "tflite-runtime": "tflite_runtime.interpreter"}


def milliseconds(model: bytes, runs: int) -> dict[str, float]:
    """Median CPU milliseconds per face of each runtime that is installed here.

    CPU time of the one thread, not time on the clock: it stays the same when other programs share the processor.
    """
    medians = {}
    for name, module in RUNTIMES.items():
        try:
            interpreter = importlib.import_module(module).Interpreter(model_content=model, num_threads=1)
        except ImportError:
            continue
        interpreter.allocate_tensors()
        tensor = interpreter.get_input_details()[0]
        crop = np.random.default_rng(0).integers(0, 256, tensor["shape"]).astype(tensor["dtype"])
        times = []
        for _ in range(runs + 20):
            interpreter.set_tensor(tensor["index"], crop)
            start = time.thread_time()
            interpreter.invoke()
            times.append(time.thread_time() - start)
        medians[name] = round(statistics.median(times[20:]) * 1000, 3)
    return medians


def elsewhere(python: Path, model: bytes, runs: int) -> dict[str, float]:
    """The same, measured by another interpreter: tflite-runtime needs a numpy that ai-edge-litert's Python does not have.

    Raises:
        BundleError: it cannot run this file.
    """
    from howsitgoing_models.errors import BundleError  # not above: the other interpreter has none of our packages

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        file.write_bytes(model)
        try:
            done = subprocess.run(  # noqa: S603  the interpreter that the user named
                [python, __file__, file, str(runs)], capture_output=True, text=True, check=True, timeout=300
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise BundleError(f"{python} could not time the network: {error}") from error
    timed: dict[str, float] = json.loads(done.stdout)
    return timed


if __name__ == "__main__":
    print(json.dumps(milliseconds(Path(sys.argv[1]).read_bytes(), int(sys.argv[2]))))  # noqa: T201  its one output
