"""Address and token: read, checked, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.blynk.panels import LINKS, PanelDevice, at
from support.blynk.server import TOKEN, BlynkStandIn
from support.certificates import Authority

from howsitgoing_edge.cloud.blynk.access import read_access
from howsitgoing_edge.cloud.blynk.memory import FILE_NAME, Memory
from howsitgoing_edge.doctor.blynk import blynk as look
from howsitgoing_edge.doctor.findings import Check, Finding, State, examine
from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.settings import BlynkSettings


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"link": "mqtt"}, "blynk.cloud:8883"),
        ({"link": "mqtt", "tls": False}, "blynk.cloud:1883"),
        ({"link": "library", "server": "fra1.blynk.cloud"}, "fra1.blynk.cloud:443"),
        ({"link": "library", "tls": False, "server": "192.168.1.5:8080"}, "192.168.1.5:8080"),
    ],
)
def test_each_link_has_its_port(settings: dict[str, Any], address: str) -> None:
    """Nobody should have to look it up."""
    access = read_access(BlynkSettings(token=TOKEN, **settings))
    assert access.address == address
    assert TOKEN not in repr(access)


def test_naming_a_token_is_enough() -> None:
    """The link is then that of the first choice; and what was said stays."""
    assert BlynkSettings(token=TOKEN).link == "mqtt"
    assert BlynkSettings(token=TOKEN, link="off").link == "off"
    assert BlynkSettings().link == "off"
    with pytest.raises(ValueError, match="keep one"):
        BlynkSettings(token=TOKEN, token_file=Path("t"))


@pytest.mark.parametrize("server", ["https://blynk.cloud", "blynk.cloud/", "a b", "x:", "x:0", "x:99999", "-x", "x:12:3"])
def test_an_address_that_is_none_is_refused(server: str) -> None:
    """With the setting's name."""
    if server == "x:":
        assert read_access(BlynkSettings(token=TOKEN, server=server)).port == 8883
        return
    with pytest.raises(ConfigError, match=r"blynk\.server"):
        read_access(BlynkSettings(token=TOKEN, server=server))


@pytest.mark.parametrize("content", ["", "short", "with a blank in the middle of it all", "ü" * 32, "x" * 65])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    """Before it is sent anywhere."""
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(content, "utf-8")
    with pytest.raises(ConfigError, match="no token of Blynk's") as caught:
        read_access(BlynkSettings(token_file=file))
    assert not content or content not in str(caught.value)


def test_a_token_file_is_read_anew_for_each_connection(tmp_path: Path) -> None:
    """A renewed token needs no restart; one that others can read is refused."""
    file = tmp_path / "token"
    file.touch(0o600)
    settings = BlynkSettings(token_file=file)
    for token in (TOKEN, TOKEN[::-1]):
        file.write_text(f"{token}\n")
        assert read_access(settings).token == token
    file.chmod(0o604)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_access(settings)
    file.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_access(settings)
    with pytest.raises(ConfigError, match="token_file is missing"):
        read_access(BlynkSettings(link="mqtt"))


def test_a_ca_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    """At the start, not at the first try at night."""
    file = tmp_path / "ca.pem"
    for content in (None, "nothing of the kind"):
        if content:
            file.write_text(content)
        with pytest.raises(ConfigError, match=r"blynk\.ca_file"):
            read_access(BlynkSettings(token=TOKEN, ca_file=file))


@pytest.mark.parametrize("content", ["", "[]", "null", '{"token": 1}', '{"token": "t", "recognition": "on"}', "\xff"])
def test_a_broken_memory_is_no_memory(tmp_path: Path, content: str) -> None:
    """The device's own setting counts then; and the next state is kept again."""
    (tmp_path / FILE_NAME).write_text(content, "latin-1")
    memory = Memory(tmp_path)
    assert memory.recall("t") is None
    memory.keep("t", recognition=False)
    assert memory.recall("t") is False
    assert memory.recall("another token's") is None


def test_what_cannot_be_kept_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full or read-only card; the switch works all the same."""
    memory = Memory(tmp_path / "gone")
    memory.keep("t", recognition=True)
    memory.keep("t", recognition=False)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize("link", LINKS)
def test_the_doctor_says_whether_blynk_lets_us_in(blynk: BlynkStandIn, tmp_path: Path, link: str) -> None:
    """With the device's own token; a running agent comes back by itself."""
    given = {"link": link, "token": blynk.token, **at(blynk, link)}
    with PanelDevice(blynk, tmp_path, link) as device:
        blynk.wait_for(lambda: blynk.values.get("V6") == "online")
        found = _look(given)
        assert (found.state, f"by {link}, encrypted" in found.what) == (State.WORKS, True), found
        device.show("happy")
        blynk.wait_for(lambda: blynk.values.get("V1") == 3)
    wrong = _look(given | {"token": "wrong-token-of-thirty-two-letter"})
    assert (wrong.state, "refuses the token" in wrong.what, "Device Info" in wrong.advice) == (State.FAILS, True, True)
    stranger = _look(given | {"ca_file": Authority(tmp_path / "stranger").file})
    assert (stranger.state, "certificate" in stranger.what) == (State.FAILS, True)
    assert _look({"link": "off"}).state is State.UNUSED


def _look(settings: dict[str, Any]) -> Finding:
    (found,) = examine([Check("blynk", lambda: look(BlynkSettings(**settings)))])
    assert TOKEN not in found.what + found.advice
    return found
