"""What limits the machine is named with what to do about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from howsitgoing_edge.doctor.findings import State
from howsitgoing_edge.doctor.machine import clock, disk, permissions, warmth
from howsitgoing_edge.settings import DeviceSettings


def test_a_folder_that_can_be_written_is_fine(tmp_path: Path) -> None:
    """The usual case, with a figure."""
    found = disk(DeviceSettings(state_folder=tmp_path))
    assert found.state is State.WORKS
    assert str(tmp_path) in found.what


def test_a_folder_that_cannot_be_written_limits() -> None:
    """The agent goes on, but forgets: that must be seen here, since it is not seen otherwise."""
    found = disk(DeviceSettings(state_folder=Path("/proc/nothing")))
    assert found.state is State.LIMITED
    assert "/proc/nothing (" in found.what
    assert "state_folder" in found.advice


def test_a_full_disk_is_seen_though_it_has_room_for_a_name() -> None:
    """/dev/full takes nothing; a real full disk lets an empty file be made."""
    assert os.access("/dev/full", os.W_OK)
    found = disk(DeviceSettings(state_folder=Path("/dev/full")))
    assert found.state is State.LIMITED


def test_devices_that_are_closed_to_us_are_named_with_their_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commonest fault of a fresh user account."""
    (tmp_path / "video0").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, which many test as, may open everything
    found = permissions(tmp_path)
    assert (found.state, found.advice) == (State.LIMITED, "sudo usermod -aG video $USER, then log in again")


def test_devices_that_are_open_are_counted(tmp_path: Path) -> None:
    """A machine with none at all is not at fault: cameras and speakers may be in the network."""
    assert permissions(tmp_path).state is State.UNUSED
    (tmp_path / "video0").touch()
    found = permissions(tmp_path)
    assert (found.state, found.what) == (State.WORKS, "1 devices for pictures and sound may be used")


def _throttled(folder: Path, bits: str) -> Path:
    firmware = folder / "devices/platform/soc/soc:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text(bits)
    return folder


WARMTH = {
    "unknown": (None, State.UNUSED, ""),
    "fine": ("0", State.WORKS, ""),
    "weak": ("1", State.LIMITED, "use a stronger power supply"),
    "hot": ("8", State.LIMITED, "give it a heat sink or a fan"),
    "was-weak": ("10000", State.WORKS, ""),
}


@pytest.mark.parametrize(("bits", "state", "advice"), WARMTH.values(), ids=WARMTH.keys())
def test_a_pi_that_holds_itself_back_is_told_what_it_needs(tmp_path: Path, bits: str | None, state: State, advice: str) -> None:
    """A weak supply makes everything slow, and nothing says so."""
    found = warmth(tmp_path if bits is None else _throttled(tmp_path, bits))
    assert (found.state, found.advice) == (state, advice)


def test_the_clock_is_looked_at_on_any_machine() -> None:
    """A container has no timedatectl, or one that doesn't answer."""
    assert clock().state in (State.WORKS, State.LIMITED, State.UNUSED)
