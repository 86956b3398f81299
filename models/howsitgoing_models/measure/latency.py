"""Time per face, one thread, in whichever TFLite runtime this Python has.

Needs numpy and a runtime alone, so that it also runs where tflite-runtime is: ``python latency.py model.tflite RUNS``.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
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


if __name__ == "__main__":
    print(json.dumps(milliseconds(Path(sys.argv[1]).read_bytes(), int(sys.argv[2]))))  # noqa: T201  its one output
