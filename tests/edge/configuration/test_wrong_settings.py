"""Every mistake in a configuration is answered by one line that says where, what, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from howsitgoing_edge.configuration import Flag, load
from howsitgoing_edge.errors import ConfigError

FILE_MISTAKES = {
    "unknown-key": ("[camera]\nfsp = 5", "[camera] has no setting 'fsp'; did you mean 'fps'?"),
    "unknown-table": ("[camra]\nfps = 5", "there is no table or setting 'camra'; did you mean [camera]?"),
    "key-outside-its-table": ("fps = 5", "there is no table or setting 'fps'; did you mean 'fps' in [camera]?"),
    "unlike-anything": ("[health]\nxyzzy = 1", "[health] has no setting 'xyzzy'; known are every"),
    "nested-unknown-key": ("[mqtt.tls]\nca_fil = 'x'", "[mqtt.tls] has no setting 'ca_fil'; did you mean 'ca_file'?"),
    "too-large": ("[camera]\nfps = 500", "[camera] fps = 500: must be a number from 1 to 60"),
    "too-small": ("[mqtt]\nport = 0", "[mqtt] port = 0: must be a whole number from 1 to 65535"),
    "not-a-number": ("[speech]\nvolume = 'loud'", "[speech] volume = 'loud': must be a whole number from 0 to 100"),
    "infinite": ("[mood]\nhold = inf", "[mood] hold = inf: must be a number from 0.2 to 60"),
    "not-a-choice": (
        "[speech]\nmode = 'shout'",
        "[speech] mode = 'shout': must be one of changes, alerts, on_request, tones, off",
    ),
    "number-not-a-choice": ("[camera]\nrotate = 45", "[camera] rotate = 45: must be one of 0, 90, 180, 270"),
    "wrong-form": ("[device]\nid = 'Küche 1'", "[device] id = 'Küche 1': must be like kitchen-hat (name in topics"),
    "empty": ("[camera]\nsource = ''", "[camera] source = '': must be a text that is not empty"),
    "too-long": (f"[device]\nname = '{'x' * 99}'", "must be a text of at most 60 characters"),
    "a-list": ("[vision]\ndetector = ['yunet']", "[vision] detector = ['yunet']: must be one of auto, yunet, haar"),
    "value-for-a-table": ("camera = 3", "camera = 3: must be a table of its own, as in [camera]"),
    "half-a-pair": ("[mqtt.tls]\nkey = 'k.pem'", "[mqtt.tls]: certificate and key belong together: name both or neither"),
    "two-passwords": (
        "[mqtt]\npassword = 'a'\npassword_file = 'b'",
        "[mqtt]: password and password_file are both set: keep one",
    ),
    "updates-from-nowhere": (
        "[model]\nupdates = 'report'",
        '[model]: updates = "report" needs url and public_key: where to look, and whom to believe',
    ),
    "no-public-key": (
        "[model]\npublic_key = 'AAAA'",
        "must be a public key as 'howsitgoing-models key' shows it, 44 characters",
    ),
    "no-address": (
        "[model]\nurl = 'ftp://x'",
        "must be like https://…/models or file:///…/models, without a password or a query",
    ),
    "two-networks": (
        f"[vision]\nmodel = '/x'\n[model]\nupdates = 'report'\nurl = 'https://x/y'\npublic_key = '{'A' * 43}='",
        "vision.model and model.updates are both set, and only one can choose the network: keep one",
    ),
    "half-a-night": ("[speech.quiet]\nstart = 22:00:00", "[speech.quiet]: end is missing: it must be like 07:30:00"),
    "not-a-time": ("[speech.quiet]\nstart = 'late'\nend = 07:00:00", "[speech.quiet] start = 'late': must be like 22:00:00"),
    "not-toml": ("[camera\nfps = 5", "is not valid TOML"),
}


@pytest.mark.parametrize(("text", "line"), FILE_MISTAKES.values(), ids=FILE_MISTAKES.keys())
def test_a_mistake_in_the_file_is_named_with_the_file_and_what_would_be_right(tmp_path: Path, text: str, line: str) -> None:
    """Who edits the file over ssh has nothing but this line."""
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_mistakes_are_named_at_once_a_line_each(tmp_path: Path) -> None:
    """Mending one mistake a try would cost a try for each."""
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nfps = 0\nwidht = 640\n[speech]\nvolume = 101\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert [line.partition("] ")[2].split()[0] for line in str(refused.value).splitlines()] == ["has", "fps", "volume"]


VARIABLE_MISTAKES = {
    "misspelt": (
        "CAMERA__FSP",
        "5",
        "HOWSITGOING_CAMERA__FSP: there is no such setting; did you mean HOWSITGOING_CAMERA__FPS?",
    ),
    "one-underscore": (
        "MQTT_HOST",
        "x",
        "HOWSITGOING_MQTT_HOST: there is no such setting; did you mean HOWSITGOING_MQTT__HOST?",
    ),
    "unlike-anything": ("QQQ", "x", "HOWSITGOING_QQQ: there is no such setting; 'howsitgoing config show --all' lists them"),
    "impossible": ("CAMERA__FPS", "500", "HOWSITGOING_CAMERA__FPS='500': must be a number from 1 to 60"),
    "table-not-json": (
        "MQTT",
        "broker",
        "HOWSITGOING_MQTT: must be a JSON object; or set its parts, such as HOWSITGOING_MQTT__…",
    ),
}


@pytest.mark.parametrize(("name", "value", "line"), VARIABLE_MISTAKES.values(), ids=VARIABLE_MISTAKES.keys())
def test_a_mistake_in_the_environment_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    """A misspelt variable that is silently ignored looks like a setting without effect."""
    monkeypatch.setenv(f"HOWSITGOING_{name}", value)
    with pytest.raises(ConfigError) as refused:
        load()
    assert str(refused.value) == line


def test_a_variable_that_is_no_setting_but_documented_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirror for model files is read by another command."""
    monkeypatch.setenv("HOWSITGOING_MODEL_MIRROR", "http://127.0.0.1:1/")
    load()


def test_a_mistake_in_a_flag_is_named_by_the_flag() -> None:
    """Nobody knows camera.fps by that name on the command line."""
    with pytest.raises(ConfigError, match=r"^--speech 'loud': must be one of changes"):
        load(None, [Flag("--speech", "speech.mode", "loud")])


def test_a_secret_is_never_part_of_a_message(tmp_path: Path) -> None:
    """Messages end in logs, and logs in questions to strangers."""
    file = tmp_path / "config.toml"
    file.write_text("[mqtt]\npassword = ['geheim']\nport = 'x'\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert "geheim" not in str(refused.value)
    assert "password = …: must be a text" in str(refused.value)


UNREADABLE = {
    "absent": (lambda path: path.unlink(missing_ok=True), "there is no such file"),
    "folder": (lambda path: path.mkdir(), "cannot be read (Is a directory)"),
    "binary": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "is not a text file in UTF-8"),
}


@pytest.mark.parametrize(("make", "line"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_was_named_must_be_readable(tmp_path: Path, make: object, line: str) -> None:
    """Going on with defaults would hide that the file was never read."""
    file = tmp_path / "config.toml"
    assert callable(make)
    make(file)
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert str(refused.value) == f"{file}: {line}"
