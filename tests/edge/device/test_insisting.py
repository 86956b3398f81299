"""What somebody types as a flag holds in this run, whatever the device remembers."""

from __future__ import annotations

from pathlib import Path

from howsitgoing_edge.contract import Settings
from howsitgoing_edge.device.preferences import Preferences


def test_a_flag_stands_above_what_was_kept_but_only_in_this_run(tmp_path: Path) -> None:
    """Who types --speech tones wants to hear tones, also if the app once said otherwise."""
    Preferences(tmp_path, Settings()).change("speech_mode", "alerts")
    insisting = Preferences(tmp_path, Settings(), insisted={"speech_mode": "tones"})
    assert insisting.current.speech_mode == "tones"
    assert Preferences(tmp_path, Settings()).current.speech_mode == "alerts"


def test_a_later_change_stands_above_the_flag(tmp_path: Path) -> None:
    """The newest wish counts."""
    preferences = Preferences(tmp_path, Settings(), insisted={"speech_mode": "tones"})
    assert preferences.change("speech_mode", "changes").speech_mode == "changes"
