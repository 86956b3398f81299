"""There is always somewhere to write; where it is not the place that was meant, that is said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from howsitgoing_edge.device import folders
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.settings import DeviceSettings


def test_the_users_state_folder_is_the_usual_place(own_home: Path) -> None:
    """Where desktop programs keep theirs."""
    found = state_folder(DeviceSettings())
    assert found.path == own_home / ".local/state/howsitgoing"
    assert found.notice is None
    assert not found.path.stat().st_mode & 0o077


def test_xdg_state_home_is_heeded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who sets it means it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder(DeviceSettings()).path == tmp_path / "howsitgoing"


def test_without_a_home_the_systems_folder_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system service has no HOME, and /var/lib if it may write there."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(folders, "SYSTEM_STATE", tmp_path / "lib")
    found = state_folder(DeviceSettings())
    assert (found.path, found.notice) == (tmp_path / "lib", None)


@pytest.mark.parametrize("configured", [True, False], ids=["configured", "found"])
def test_where_nothing_can_be_kept_a_temporary_folder_serves_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, configured: bool
) -> None:
    """A card that turned read-only is the commonest fault of a Pi; the wearer must still hear."""
    impossible = Path("/proc/howsitgoing")
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.setattr(folders, "SYSTEM_STATE", impossible)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = state_folder(DeviceSettings(state_folder=impossible if configured else None))
    assert found.path.parent == tmp_path
    assert found.notice is not None
    assert "settings are forgotten at the next start" in found.notice
    (found.path / "probe").touch()


def test_a_temporary_folder_of_somebody_else_is_not_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everybody may make folders in /tmp, and links to elsewhere."""
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.setattr(folders, "SYSTEM_STATE", Path("/proc/howsitgoing"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usual = state_folder(DeviceSettings()).path
    usual.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    usual.symlink_to(elsewhere)
    assert state_folder(DeviceSettings()).path != usual
