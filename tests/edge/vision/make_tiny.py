"""Makes the networks in tiny/ that the tests of bundles run: a few kilobytes each, weights from a fixed seed, nothing learned.

Run by hand where TensorFlow is installed (the extra ``train``): ``python tests/edge/vision/make_tiny.py``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

EMOTIONS = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
FOLDER = Path(__file__).parent / "tiny"


def main() -> None:
    """Write tiny/<input type>/model.tflite and model.json, and the logits that the float network gives for a gradient."""
    rng = np.random.default_rng(1)
    weights = {name: (rng.normal(0, 1, (16, size)), rng.normal(0, 0.5, size)) for name, size in (("crowd", 8), ("fer2013", 7))}
    # Logits of the real networks' size; 144 pixels averaged a patch, as float (-1, 1).
    crop = np.add.outer(np.arange(48) * 3, np.arange(48) * 2).astype(np.uint8)
    patches = crop.reshape(4, 12, 4, 12).mean((1, 3)).ravel() / 127.5 - 1
    expected = {name: (patches @ w + b).round(4).tolist() for name, (w, b) in weights.items()}

    def network(x: tf.Tensor) -> dict[str, tf.Tensor]:
        flat = tf.reshape(tf.nn.avg_pool2d(x / 127.5 - 1.0, 12, 12, "VALID"), (1, 16))
        return {
            name: tf.matmul(flat, tf.constant(w, tf.float32)) + tf.constant(b, tf.float32) for name, (w, b) in weights.items()
        }

    function = tf.function(network, input_signature=[tf.TensorSpec((1, 48, 48, 1), tf.float32)])
    samples = [rng.integers(0, 256, (1, 48, 48, 1)).astype(np.float32) for _ in range(20)]
    samples += [np.full((1, 48, 48, 1), value, np.float32) for value in range(0, 256, 15)]
    samples.append(crop.astype(np.float32)[None, :, :, None])
    for kind in ("float32", "uint8", "int8"):
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
        if kind != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([sample] for sample in samples)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.as_dtype(kind)
        content = converter.convert()
        interpreter = tf.lite.Interpreter(model_content=content)
        index = {int(detail["shape"][1]): i for i, detail in enumerate(interpreter.get_output_details())}
        folder = FOLDER / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.tflite").write_bytes(content)
        description = {
            "schema": 1,
            "id": f"tiny-{kind}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "labels": EMOTIONS,
            "input": {"width": 48, "height": 48, "channels": 1, "dtype": kind, "normalisation": {"scale": 1.0, "offset": 0.0}},
            "outputs": {
                "crowd": {
                    "index": index[8],
                    "meaning": "logits over labels + unreadable",
                    "labels": [*EMOTIONS, "unreadable"],
                    "temperature": 1.25,
                    "log_prior_shift": [0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.0],
                    "thresholds": {name: 0.4 + i / 100 for i, name in enumerate(EMOTIONS)},
                    "readable_threshold": 0.5,
                },
                "fer2013": {"index": index[7], "meaning": "logits over labels", "temperature": 1.0},
            },
            "figures": {},
            "provenance": {"made_by": "tests/edge/vision/make_tiny.py"},
        }
        (folder / "model.json").write_text(json.dumps(description, indent=1) + "\n")
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
