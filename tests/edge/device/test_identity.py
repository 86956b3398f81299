"""A device keeps its name: topics, Home Assistant's entities and the cloud's record hang on it."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from howsitgoing_edge.contract import check_device_id
from howsitgoing_edge.device.identity import FILE_NAME, device_id
from howsitgoing_edge.settings import DeviceSettings


def test_a_made_id_is_kept(tmp_path: Path) -> None:
    """A new id at each start would fill Home Assistant with ghosts."""
    made = device_id(DeviceSettings(), tmp_path)
    assert device_id(DeviceSettings(), tmp_path) == made == check_device_id(made)


def test_two_devices_from_one_card_differ(tmp_path: Path) -> None:
    """Cards are copied; then the host names are the same."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert device_id(DeviceSettings(), tmp_path / "a") != device_id(DeviceSettings(), tmp_path / "b")


def test_a_configured_id_wins_and_leaves_the_kept_one_alone(tmp_path: Path) -> None:
    """So that taking the setting out again brings the old one back."""
    made = device_id(DeviceSettings(), tmp_path)
    assert device_id(DeviceSettings(id="hat-1"), tmp_path) == "hat-1"
    assert device_id(DeviceSettings(), tmp_path) == made


@pytest.mark.parametrize("content", [b"", b"Not An Id\n", b"\xff\x00\xfe"], ids=["empty", "impossible", "binary"])
def test_a_broken_file_is_replaced_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    """A card that lost power while writing holds anything."""
    (tmp_path / FILE_NAME).write_bytes(content)
    made = device_id(DeviceSettings(), tmp_path)
    assert "gets a new id" in caplog.text
    assert (tmp_path / FILE_NAME).read_text() == f"{made}\n"


def test_an_id_that_cannot_be_kept_is_still_an_id(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk must not take the aid away."""
    with caplog.at_level(logging.WARNING):
        assert check_device_id(device_id(DeviceSettings(), tmp_path / "absent"))
    assert "name one as [device] id" in caplog.text


@pytest.mark.parametrize(
    ("host", "begins"),
    [("Anna's Pi.fritz.box", "anna-s-pi-"), ("x" * 80, "x" * 27 + "-"), ("---", "device-"), ("", "device-"), ("ÄÖ", "device-")],
    ids=["spaces-and-domain", "long", "dashes", "none", "umlauts"],
)
def test_any_host_name_makes_an_id_that_fits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, begins: str) -> None:
    """Host names may be what ids may not."""
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    made = device_id(DeviceSettings(), tmp_path)
    assert made.startswith(begins)
    check_device_id(made)
