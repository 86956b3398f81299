"""What people set on the device: kept, told, and never lost to a broken file or a full disk."""

from __future__ import annotations

import errno
import json
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from howsitgoing_edge.contract import ContractError, Settings
from howsitgoing_edge.device.preferences import Preferences
from howsitgoing_edge.errors import StorageError

DEFAULTS = Settings(volume=80, language="en")


def test_without_a_file_the_configuration_is_in_force(tmp_path: Path) -> None:
    """A new device starts as configured, and writes nothing before somebody changes something."""
    assert Preferences(tmp_path, DEFAULTS).current == DEFAULTS
    assert list(tmp_path.iterdir()) == []


def test_a_change_outlives_a_restart(tmp_path: Path) -> None:
    """Who turned the volume down does not want to do so every morning."""
    assert Preferences(tmp_path, DEFAULTS).change("volume", 30) == Settings(volume=30)
    assert Preferences(tmp_path, DEFAULTS).current == Settings(volume=30)


def test_only_what_was_changed_is_kept(tmp_path: Path) -> None:
    """What nobody touched follows the configuration, also when somebody edits that later."""
    Preferences(tmp_path, DEFAULTS).change("volume", 30)
    later = Preferences(tmp_path, Settings(volume=50, language="de"))
    assert later.current == Settings(volume=30, language="de")


def test_a_change_to_the_configured_value_is_kept_too(tmp_path: Path) -> None:
    """It was somebody's wish, whatever the configuration says one day."""
    preferences = Preferences(tmp_path, DEFAULTS)
    preferences.change("volume", 30)
    preferences.change("language", "en")
    assert Preferences(tmp_path, Settings(language="de")).current.language == "en"


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Other users of the machine have no business with it."""
    folder = tmp_path / "new" / "state"
    Preferences(folder, DEFAULTS).change("speech", value=False)
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == {"schema": 1, "speech": False}


def test_an_impossible_value_changes_nothing(tmp_path: Path) -> None:
    """Whoever sent it gets the reason; everybody else notices nothing."""
    preferences = Preferences(tmp_path, DEFAULTS)
    told: list[Settings] = []
    preferences.subscribe(told.append)
    for name, value in (("volume", 101), ("colour", "red"), ("speech_mode", None)):
        with pytest.raises(ContractError):
            preferences.change(name, value)
    assert preferences.current == DEFAULTS
    assert told == []
    assert list(tmp_path.iterdir()) == []


def test_subscribers_hear_of_every_command_also_to_the_same_value(tmp_path: Path) -> None:
    """The answer to a command is the settings in force: without one the sender would think the device is deaf."""
    preferences = Preferences(tmp_path, DEFAULTS)
    told: list[int] = []
    preferences.subscribe(lambda settings: told.append(settings.volume))
    for volume in (30, 30, 40):
        preferences.change("volume", volume)
    assert told == [30, 30, 40]


def test_the_same_value_again_writes_nothing(tmp_path: Path) -> None:
    """A memory card has only so many writes in it."""
    preferences = Preferences(tmp_path, DEFAULTS)
    preferences.change("volume", 30)
    written = (tmp_path / "preferences.json").stat().st_ino
    preferences.change("volume", 30)
    assert (tmp_path / "preferences.json").stat().st_ino == written


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not valid JSON"),
        (b'{"schema": 1, "volume": 3', "not valid JSON"),
        (b"\x00" * 4096, "not valid JSON"),
        (b'"loud"', "expected a JSON object"),
        (b'{"schema": 7, "volume": 30}', "schema 7: this version knows 1"),
        (b'{"schema": 1, "volume": 300}', "volume: 300 is above 100"),
        (b'{"schema": 1, "volume": [' + b"[" * 9000, "not valid JSON"),
    ],
    ids=["empty", "cut off", "zeros after a power cut", "no object", "of the future", "impossible value", "hostile"],
)
def test_a_broken_file_is_put_aside_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, reason: str
) -> None:
    """The device must start all the same, and the file may still tell somebody something."""
    file = tmp_path / "preferences.json"
    file.write_bytes(content)
    preferences = Preferences(tmp_path, DEFAULTS)
    assert preferences.current == DEFAULTS
    assert (tmp_path / "preferences.json.broken").read_bytes() == content
    (record,) = caplog.records
    assert reason in record.message
    assert "it was moved to" in record.message
    preferences.change("volume", 30)
    assert Preferences(tmp_path, DEFAULTS).current.volume == 30


def test_settings_of_a_newer_version_are_passed_over(tmp_path: Path) -> None:
    """After going back to an older version the others must still be in force."""
    (tmp_path / "preferences.json").write_text('{"schema": 1, "volume": 30, "scent": "roses"}')
    assert Preferences(tmp_path, DEFAULTS).current == Settings(volume=30)


def test_a_file_that_cannot_be_read_is_said_and_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It may be readable again when the disk is."""
    (tmp_path / "preferences.json").mkdir()
    assert Preferences(tmp_path, DEFAULTS).current == DEFAULTS
    assert "cannot be read (Is a directory)" in caplog.text
    assert (tmp_path / "preferences.json").is_dir()


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond ten bytes: what a full disk looks like to a program, without having to be root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_a_change_is_in_force_and_the_trouble_is_said(tmp_path: Path) -> None:
    """The wearer turned it down: it must be quiet now, whatever the memory card says."""
    preferences = Preferences(tmp_path, DEFAULTS)
    preferences.change("volume", 30)
    told: list[int] = []
    preferences.subscribe(lambda settings: told.append(settings.volume))
    with full_disk(), pytest.raises(StorageError, match=r"in force, but forgotten at the next start: .*File too large"):
        preferences.change("volume", 10)
    assert preferences.current.volume == 10
    assert told == [10]
    assert Preferences(tmp_path, DEFAULTS).current.volume == 30, "the file from before is whole"
    preferences.change("volume", 10)
    assert Preferences(tmp_path, DEFAULTS).current.volume == 10, "kept as soon as there is room, though the value is the same"


def test_a_state_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    """A path in the configuration may point at anything."""
    (tmp_path / "state").write_text("a file")
    preferences = Preferences(tmp_path / "state", DEFAULTS)
    with pytest.raises(StorageError, match="cannot be written"):
        preferences.change("volume", 30)
    assert preferences.current.volume == 30


def test_a_power_cut_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written aside, brought to the disk, then renamed: at every moment one whole file is there."""
    Preferences(tmp_path, DEFAULTS).change("volume", 30)
    order: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        order.append("fsync")
        fsync(handle)

    def cut(*_: object) -> None:
        order.append("power cut")
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(StorageError):
        Preferences(tmp_path, DEFAULTS).change("volume", 10)
    assert order == ["fsync", "power cut"]
    monkeypatch.setattr(os, "replace", replace)
    assert Preferences(tmp_path, DEFAULTS).current.volume == 30


def test_changes_of_many_threads_all_count_and_the_last_told_is_in_force(tmp_path: Path) -> None:
    """Commands come from the network, the local page and buttons."""
    preferences = Preferences(tmp_path, DEFAULTS)
    told: list[Settings] = []
    preferences.subscribe(told.append)

    def turn(name: str, values: list[object]) -> None:
        for value in values:
            preferences.change(name, value)

    turns: list[tuple[str, list[object]]] = [
        ("volume", list(range(20))),
        ("speech", [True, False] * 10),
        ("language", ["de", "fr"] * 10),
    ]
    threads = [threading.Thread(target=turn, args=each) for each in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert preferences.current == told[-1] == Settings(volume=19, speech=False, language="fr")
    assert len(told) == 60
    assert Preferences(tmp_path, DEFAULTS).current == told[-1]
