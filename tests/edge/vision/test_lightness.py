"""What is heavy is loaded only by who needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("howsitgoing_edge.vision.files", ("cv2", "numpy", "ai_edge_litert")),
        ("howsitgoing_edge.vision.bundle", ("cv2", "numpy", "ai_edge_litert", "howsitgoing_models")),
        ("howsitgoing_edge.vision.litert", ("ai_edge_litert", "tflite_runtime", "howsitgoing_models")),
        ("howsitgoing_edge.vision.crop", ("ai_edge_litert",)),
    ],
)
def test_a_module_does_not_bring_what_it_may_not_need(module: str, heavy: tuple[str, ...]) -> None:
    """'howsitgoing models list' must answer at once on a Pi, and a machine without LiteRT must still say so in words."""
    code = f"import sys, {module}; print(*(name for name in {heavy!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
