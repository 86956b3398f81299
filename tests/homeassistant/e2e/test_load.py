"""The benchmark of many devices works, and a few of them are no load at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from load import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(240)
def test_ten_devices_are_no_load(tmp_path: Path) -> None:
    """Everything arrives. How soon is the benchmark's to say."""
    figures = run(10, 4, tmp_path, warm_up=2)
    assert figures.arrived == figures.published == 40
