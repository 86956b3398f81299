"""Defaults < file < environment < flags, and each value knows where it comes from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from howsitgoing_edge.configuration import Flag, as_toml, load, missing_files
from howsitgoing_edge.settings import EdgeSettings


def _written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    file.chmod(0o600)
    return file


def test_each_layer_overrides_the_one_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag tries something out, a variable belongs to a service, the file to the device."""
    file = _written(tmp_path, "[camera]\nfps = 5\nwidth = 320\nheight = 240\n")
    monkeypatch.setenv("HOWSITGOING_CAMERA__WIDTH", "800")
    monkeypatch.setenv("HOWSITGOING_CAMERA__HEIGHT", "600")
    loaded = load(file, [Flag("--height", "camera.height", 480)])
    camera = loaded.settings.camera
    assert (camera.rotate, camera.fps, camera.width, camera.height) == (0, 5, 800, 480)
    assert {path: loaded.origins.get(f"camera.{path}") for path in ("rotate", "fps", "width", "height")} == {
        "rotate": None,
        "fps": str(file),
        "width": "HOWSITGOING_CAMERA__WIDTH",
        "height": "--height",
    }


def test_the_users_file_is_found_before_anything_else(own_home: Path) -> None:
    """Where desktop programs look; the system's file is for services."""
    folder = own_home / ".config" / "howsitgoing"
    folder.mkdir(parents=True)
    assert load().file is None
    file = _written(folder, "[camera]\nfps = 7\n")
    assert load().file == file
    assert load().settings.camera.fps == 7


def test_without_a_home_there_are_defaults_and_no_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system service may have none."""
    monkeypatch.delenv("HOME")
    assert load().settings == EdgeSettings()


@pytest.mark.parametrize(
    "text", ["[mqtt]\nhost = 'hub'\n", "[mqtt]\nhost = 'hub'\nport = 1884\n"], ids=["host", "host-and-port"]
)
def test_naming_a_broker_means_it_is_to_be_used(tmp_path: Path, text: str) -> None:
    """The default is a broker of our own; nobody who names one wants that."""
    loaded = load(_written(tmp_path, text))
    assert loaded.settings.mqtt.transport == "paho"
    assert loaded.origins["mqtt.transport"] == "since mqtt.host is named"


def test_a_named_broker_can_still_be_switched_off(tmp_path: Path) -> None:
    """To try something out without touching the file."""
    loaded = load(_written(tmp_path, "[mqtt]\nhost = 'hub'\n"), [Flag("--mqtt", "mqtt.transport", "off")])
    assert loaded.settings.mqtt.transport == "off"


def test_a_tilde_is_the_home_folder(own_home: Path, tmp_path: Path) -> None:
    """The shell does it on the command line; people expect the same in a file."""
    loaded = load(_written(tmp_path, "[vision]\nmodel = '~/model'\n"))
    assert loaded.settings.vision.model == own_home / "model"


def test_what_is_shown_is_a_file_that_means_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``config show > config.toml`` is how most files will begin."""
    monkeypatch.setenv("HOWSITGOING_DEVICE__NAME", 'Anna\'s "hat" \\ ä\x7f')
    text = "[mqtt]\nhost = 'hub'\n[mqtt.tls]\n[speech.quiet]\nstart = 22:00:00\nend = 07:30:00\n[camera]\nfps = 2.5\n"
    loaded = load(_written(tmp_path, text))
    monkeypatch.delenv("HOWSITGOING_DEVICE__NAME")
    for explain in (False, True):
        again = load(_written(tmp_path, as_toml(loaded, explain=explain)))
        assert again.settings == loaded.settings


def test_secrets_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    """People paste this into questions."""
    file = _written(tmp_path, "[camera]\nsource = 'rtsp://anna:s3cret@cam/1'\n[mqtt]\npassword = 's3cret'\n")
    loaded = load(file)
    for text in (as_toml(loaded), as_toml(loaded, explain=True), repr(loaded), str(loaded.settings)):
        assert "password = 's3cret'" not in text
    shown = as_toml(loaded)
    assert "s3cret" not in shown
    assert tomllib.loads(shown)["camera"]["source"] == "rtsp://anna:********@cam/1"


def test_every_setting_is_explained() -> None:
    """``config show --all`` is the reference; a setting without words is a hole in it."""
    shown = as_toml(load(), explain=True)
    assert "# frames a second while somebody is there (a number from 1 to 60)\nfps = 10  # default" in shown
    assert "#  (" not in shown


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True)], ids=["0600", "0640", "0644"])
def test_a_password_that_everybody_can_read_is_pointed_out(tmp_path: Path, mode: int, *, warned: bool) -> None:
    """The file still works: refusing it would take the aid away over a permission."""
    file = _written(tmp_path, "[mqtt]\nhost = 'hub'\npassword = 'x'\n")
    file.chmod(mode)
    assert any("everybody on this machine can read it" in notice for notice in load(file).notices) == warned


def test_an_open_file_without_a_password_is_nobodys_business(tmp_path: Path) -> None:
    """Warnings without reason are not read."""
    file = _written(tmp_path, "[mqtt]\nhost = 'hub'\n")
    file.chmod(0o644)
    assert load(file).notices == ()


def test_files_that_are_named_but_absent_are_found_by_checking(tmp_path: Path) -> None:
    """At the start of a run a missing voice is no reason to stay silent altogether; a check should still tell."""
    file = _written(tmp_path, f"[speech]\nvoice_folder = '{tmp_path}/voice'\n[vision]\nmodel = '{tmp_path}'\n")
    assert missing_files(load(file)) == [f"{file}: speech.voice_folder names {tmp_path}/voice, which is not there"]
