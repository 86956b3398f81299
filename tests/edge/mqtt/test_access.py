"""Passwords, certificates and addresses: a mistake shows at the start, with what to do."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.certificates import Authority, Issued
from support.parts import need

from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.mqtt.access import read_access
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.settings import MqttSettings


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Of a household."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client(authority: Authority) -> Issued:
    """Of the device."""
    return authority.issue("hat-1")


def secret(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refusal(**settings: Any) -> str:  # noqa: ANN401  fields of MqttSettings
    """Why the agent does not start with these."""
    with pytest.raises(ConfigError) as caught:
        MqttLink(MqttSettings(**settings), "hat-1", lambda *_: None)
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"host": "broker.home"}, "broker.home:1883"),
        ({"host": "broker.home", "tls": {}}, "broker.home:8883"),
        ({"host": "broker.home", "port": 99, "tls": {}}, "broker.home:99"),
        ({"host": "fe80::1"}, "[fe80::1]:1883"),
        ({"host": "bücher.example"}, "bücher.example:1883"),
    ],
)
def test_the_port_follows_from_encryption(settings: dict[str, Any], address: str) -> None:
    """1883 and 8883 are what everybody uses."""
    assert read_access(MqttSettings(**settings)).address == address


@pytest.mark.parametrize("host", ["mqtt://broker", "broker:1883", "broker/path", "a..b", "x" * 64 + ".home"])
def test_a_host_that_cannot_be_one_is_refused(host: str) -> None:
    """Otherwise it is an endless look-up, or a thread that dies."""
    assert refusal(host=host).startswith(f"mqtt.host {host!r}: ")


def test_a_password_file_holds_the_password_alone(tmp_path: Path) -> None:
    """Editors end a file with a line break, which is not part of the password; blanks may be."""
    file = secret(tmp_path / "password", b" open sesame \r\n")
    access = read_access(MqttSettings(host="b", username="hat", password_file=file))
    assert access.password == " open sesame "  # noqa: S105
    assert "sesame" not in repr(access)


def test_a_password_may_be_shared_with_a_group(tmp_path: Path) -> None:
    """A service's user often reads what root owns."""
    file = secret(tmp_path / "password", b"open sesame", 0o640)
    assert read_access(MqttSettings(host="b", username="hat", password_file=file)).password == "open sesame"  # noqa: S105


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"open sesame", 0o644, "everybody on this machine may read or change it; do 'chmod 600"),
        (b"open sesame", 0o602, "everybody on this machine may read or change it; do 'chmod 600"),
        (b"\n", 0o600, "is empty or far too long"),
        (b"x" * 70_000, 0o600, "is empty or far too long"),
        (b"\xff\xfe\x00", 0o600, "is not text"),
    ],
    ids=["readable", "writable", "empty", "huge", "binary"],
)
def test_a_password_file_that_cannot_be_right_is_refused(tmp_path: Path, content: bytes, mode: int, reason: str) -> None:
    """Before the first connection, and without showing what is in it."""
    file = secret(tmp_path / "password", content, mode)
    text = refusal(host="b", username="hat", password_file=file)
    assert text.startswith(f"mqtt.password_file {file}: ")
    assert reason in text
    assert "sesame" not in text


def test_files_that_are_missing_are_named_with_their_setting(tmp_path: Path, authority: Authority, client: Issued) -> None:
    """The person has a path before them and wants to know which."""
    gone = tmp_path / "gone"
    assert refusal(host="b", username="u", password_file=gone) == (
        f"mqtt.password_file {gone}: cannot be read (No such file or directory)"
    )
    cases = {
        "ca_file": {"ca_file": gone},
        "certificate": {"ca_file": authority.file, "certificate": gone, "key": client.key},
        "key": {"ca_file": authority.file, "certificate": client.certificate, "key": tmp_path},
    }
    for name, tls in cases.items():
        assert refusal(host="b", tls=tls).startswith(f"mqtt.tls.{name} {tls[name]}: cannot be read (")


def test_files_that_are_something_else_are_named(tmp_path: Path, authority: Authority, client: Issued) -> None:
    """Certificate and key are mixed up, or come in another format, every day."""
    text = secret(tmp_path / "notes", b"Dear diary\n")
    other = authority.issue("other")
    assert f"mqtt.tls.ca_file {text}: holds no certificate in PEM form" in refusal(host="b", tls={"ca_file": text})
    swapped = {"certificate": client.key, "key": client.certificate}
    client.certificate.chmod(0o600)
    assert "mqtt.tls: no certificate in" in refusal(host="b", tls=swapped)
    mixed = {"certificate": client.certificate, "key": other.key}
    assert refusal(host="b", tls=mixed) == (
        f"mqtt.tls.key {other.key}: is not the key of mqtt.tls.certificate {client.certificate}"
    )


def test_a_key_that_everybody_can_read_is_refused(tmp_path: Path, client: Issued) -> None:
    """Whoever has it is the device."""
    key = secret(tmp_path / "open.key", client.key.read_bytes(), 0o644)
    text = refusal(host="b", tls={"certificate": client.certificate, "key": key})
    assert text == f"mqtt.tls.key {key}: everybody on this machine may read or change it; do 'chmod 600 {key}'"
    key.chmod(stat.S_IRUSR)
    assert read_access(MqttSettings(host="b", tls={"certificate": client.certificate, "key": key})).certified


def test_a_key_with_a_passphrase_never_asks_on_the_terminal(tmp_path: Path, client: Issued) -> None:
    """A service has no terminal: it would hang for ever."""
    locked = tmp_path / "locked.key"
    lock = [need("openssl"), "pkey", "-in", client.key, "-aes256", "-passout", "pass:1234", "-out", locked]
    subprocess.run(lock, check=True, capture_output=True, timeout=30)
    text = refusal(host="b", tls={"certificate": client.certificate, "key": locked})
    assert text.startswith(f"mqtt.tls.key {locked}: has a passphrase; write it without: openssl pkey -in {locked} -out ")


def test_a_password_without_a_user_is_refused() -> None:
    """MQTT 3.1.1 has no such thing."""
    assert refusal(host="b", password="open sesame").startswith("mqtt.username is missing")  # noqa: S106


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({"host": "192.0.2.1"}, True),
        ({"host": "broker.home"}, True),
        ({"host": "127.0.0.1"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "broker.home", "tls": {}}, False),
    ],
)
def test_a_password_in_the_open_is_warned_of(
    settings: dict[str, Any], *, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Everybody in the same network could read it."""
    MqttLink(MqttSettings(**settings, username="hat", password="open sesame"), "hat-1", lambda *_: None)  # noqa: S106
    assert ("crosses the network unencrypted; set mqtt.tls" in caplog.text) == warned
    assert "sesame" not in caplog.text
