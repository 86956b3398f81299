"""Exactly once: whatever dies on the way, the cloud has each sample, and has it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulators import emulators
from support.soak import soak, wanted

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 300


@pytest.mark.timeout(400)
def test_through_kills_lost_answers_503s_and_a_restart_nothing_is_lost_and_nothing_twice(tmp_path: Path) -> None:
    """The real uplink, killed; the real function, restarted; a network that loses answers. 10,000 of it: make bench."""
    with emulators(tmp_path / "emulators") as cloud:
        outcome = soak(tmp_path / "device", COUNT, cloud)
    assert outcome.kills == 2
    assert outcome.stored == wanted(COUNT), outcome.log
    assert outcome.crops == wanted(COUNT)
    assert "does not want" not in outcome.log, "no copy was taken for another sample"
    for trouble in ("503", "cannot be reached"):
        assert trouble in outcome.log, "it went through what it was put through"
