"""Files beside the repository that are not part of it; tests marked ``shared_data`` use them where they are."""

from __future__ import annotations

from pathlib import Path

import pytest


def shared(name: str) -> Path:
    """Path of ``../shared/<name>``; skips the test where it isn't."""
    path = Path(__file__).resolve().parents[3] / "shared" / name
    if not path.exists():
        pytest.skip(f"../shared/{name} is not here")
    return path
