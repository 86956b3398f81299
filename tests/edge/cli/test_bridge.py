"""``howsitgoing bridge``: what is written, and what cannot stand there. That it works is shown in tests/e2e/test_bridge.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import howsitgoing

ENDPOINT = "abc123-ats.iot.eu-central-1.amazonaws.com"


def test_what_aws_insists_on_is_there(tmp_path: Path) -> None:
    """Each of these, left out, ends in a bridge that connects and is thrown out, or that is silently wrong."""
    file = tmp_path / "bridge.conf"
    done = howsitgoing("bridge", "config", "home", ENDPOINT, "--output", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert "/etc/mosquitto/conf.d/" in done.stderr
    lines = file.read_text().splitlines()
    for line in (
        f"address {ENDPOINT}:8883",
        "remote_clientid home",
        "bridge_capath /etc/ssl/certs",
        "bridge_certfile /etc/mosquitto/certs/home.pem",
        "bridge_keyfile /etc/mosquitto/certs/home.key",
        "try_private false",
        "bridge_protocol_version mqttv50",
        "notifications_local_only true",
        "topic +/mood in 1 howsitgoing/ howsitgoing/",
        "topic +/set/# out 1 howsitgoing/ howsitgoing/",
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("topic") and " both " in line]


def test_only_the_devices_that_are_named_are_bridged() -> None:
    """A household of several, of which one leaves the house: the others publish at home already."""
    done = howsitgoing("bridge", "config", "home", f"{ENDPOINT}:443", "--device", "hat-1", "--device", "hat-2")
    topics = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("topic")]
    assert {topic.partition("/")[0] for topic in topics} == {"hat-1", "hat-2"}
    assert "bridge_alpn x-amzn-mqtt-ca" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("home", "https://abc"), "must be like abc123-ats.iot"),
        (("home", "abc:99999"), "must be like abc123-ats.iot"),
        (("Home", ENDPOINT), "'Home': "),
        (("home", ENDPOINT, "--device", "+"), "'+': "),
        (("home", ENDPOINT, "--folder", "/a\nlistener 1883"), "this cannot stand in mosquitto's configuration"),
    ],
    ids=["a url", "a port", "a name", "a wildcard", "a second line"],
)
def test_what_cannot_be_right_is_refused(words: tuple[str, ...], reason: str) -> None:
    """Its mosquitto would not start, or would do more than it was meant to."""
    done = howsitgoing("bridge", "config", *words)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stdout == ""


def test_the_bridges_key_stays_where_it_is_made(tmp_path: Path) -> None:
    """As a device's."""
    done = howsitgoing("bridge", "request", "home", "--folder", str(tmp_path))
    assert done.stdout == (tmp_path / "home.csr").read_text()
    assert done.stdout.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert (tmp_path / "home.key").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE KEY" not in done.stdout + done.stderr
    assert "terraform/aws/csr/bridges/home.csr" in done.stderr
