"""Webcams, as far as a machine without one can tell: what a person is told, and which devices are tried."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from howsitgoing_edge.camera.sources import Pace, SourceOpener, open_source
from howsitgoing_edge.camera.webcam import open_webcam, webcams
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.settings import CameraSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.fixture
def forbidden_device() -> Iterator[Path]:
    """A real device file that the process may not open."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield next(
            path
            for path in Path("/dev").iterdir()
            if stat.S_ISCHR(path.stat().st_mode) and not os.access(path, os.R_OK | os.W_OK, effective_ids=True)
        )
    finally:
        if root:
            os.seteuid(0)


def test_a_webcam_that_is_not_there_may_be_plugged_in_later() -> None:
    """So it is tried again, and the person is told what to do meanwhile."""
    with pytest.raises(CameraError, match="no camera at /dev/video99; "):
        open_source(CameraSettings(source="99"), Pace.REALTIME)


def test_a_webcam_that_may_not_be_opened_names_the_group_to_join(forbidden_device: Path) -> None:
    """The commonest stumbling block on a fresh Debian, and trying again does not help."""
    with pytest.raises(
        SourceError, match=rf"permission denied on {forbidden_device}; join its group: sudo usermod -aG \w+ \$USER"
    ):
        open_webcam(forbidden_device, CameraSettings())


def test_a_device_that_is_no_camera_is_said_to_be_in_use_or_none() -> None:
    """OpenCV cannot tell the two apart."""
    with pytest.raises(CameraError, match="/dev/null cannot be opened as a camera; another program may be using it"):
        open_webcam(Path("/dev/null"), CameraSettings())


def test_a_file_is_no_webcam(tmp_path: Path) -> None:
    """A slip of the pen, not a camera that may come back."""
    (tmp_path / "video0").touch()
    with pytest.raises(SourceError, match="is no camera"):
        open_webcam(tmp_path / "video0", CameraSettings())


def test_webcams_come_by_number_without_what_is_built_into_the_pi(tmp_path: Path) -> None:
    """A Pi has a dozen video devices that decode or scale, and each would cost seconds to try."""
    devices, facts = tmp_path / "dev", tmp_path / "sys"
    devices.mkdir()
    for name in ("video10", "video2", "video19", "video-x", "vbi0"):
        (devices / name).touch()
    for name, bus in (("video10", "usb"), ("video2", "usb"), ("video19", "platform")):
        (facts / name / "device").mkdir(parents=True)
        (facts / name / "device" / "subsystem").symlink_to(f"/sys/bus/{bus}")
    assert [path.name for path in webcams(devices, facts)] == ["video2", "video10"]


def test_auto_without_a_camera_plays_the_demo_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who just cloned the project sees it work; nobody takes the demo for a camera."""
    monkeypatch.setattr("howsitgoing_edge.camera.webcam.webcams", list)
    source = open_source(CameraSettings(source="auto"), Pace.FAST)
    assert source.description == "demo clip, 640x480 (no webcam found)"
    assert not source.can_freeze
    source.close()


def test_auto_never_plays_the_demo_in_place_of_a_camera_that_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unplugged in mid-run, the wearer must hear nothing, rather than how a clip looks."""
    opener = SourceOpener(CameraSettings(source="auto"), Pace.REALTIME)
    stand_in = object()
    monkeypatch.setattr("howsitgoing_edge.camera.sources.open_any_webcam", lambda _settings: stand_in)
    assert opener() is stand_in
    monkeypatch.undo()
    monkeypatch.setattr("howsitgoing_edge.camera.webcam.webcams", list)
    with pytest.raises(CameraError, match="no webcam found"):
        opener()
