"""What the tests of vision share: frames of the shipped demo clip, and bundles to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.shared import shared

import howsitgoing_edge.camera
from howsitgoing_edge.core.types import Pixels

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """As the agent runs it; OpenCV's threads would also outlive the tests."""
    cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def demo_file() -> Path:
    """The shipped clip: 26 s of a face that changes its expression seven times, 640x480, 15 frames a second."""
    return Path(howsitgoing_edge.camera.__file__).parent / "demo.mp4"


@pytest.fixture(scope="session")
def demo(demo_file: Path) -> list[Pixels]:
    """Every fifteenth frame of the demo clip, (480, 640, 3) BGR: one a second, a face in each."""
    clip = cv2.VideoCapture(str(demo_file))
    frames: list[Pixels] = []
    while clip.grab():
        if len(frames) * 15 <= clip.get(cv2.CAP_PROP_POS_FRAMES) - 1:
            frames.append(np.asarray(clip.retrieve()[1], np.uint8))
    clip.release()
    assert len(frames) > 20
    return frames


@pytest.fixture(params=["float32", "uint8", "int8"])
def tiny(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a small bundle, in each type of input; see make_tiny.py."""
    return shutil.copytree(TINY / request.param, tmp_path / "bundle")


@pytest.fixture
def bundle_folder(tmp_path: Path) -> Path:
    """A copy of the small bundle with a uint8 input."""
    return shutil.copytree(TINY / "uint8", tmp_path / "bundle")


@pytest.fixture
def yunet_file(tmp_path: Path) -> Path:
    """A copy of the real YuNet file; skips where it is not."""
    return Path(shutil.copy(shared("models/face_detection_yunet_2023mar.onnx"), tmp_path))
