"""``howsitgoing aws join``: a key that stays, a request that goes, a certificate that must fit, settings that work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.agents import RunningAgent
from support.certificates import Authority
from support.commands import howsitgoing
from support.links import like_aws
from support.mosquitto import Mosquitto, free_port
from support.parts import need
from support.subscriber import Subscriber
from support.terminal import Terminal


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Of the account."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def cloud(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """Stands in for AWS IoT Core."""
    secured = like_aws(authority, authority.issue("cloud", server=True))
    with Mosquitto(tmp_path_factory.mktemp("cloud"), secured=secured) as running:
        yield running


@pytest.fixture(autouse=True)
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """Its name."""
    monkeypatch.setenv("HOWSITGOING_DEVICE__ID", "hat-1")
    return "hat-1"


@pytest.fixture
def folder(own_home: Path) -> Path:
    """Where the key and the certificate lie."""
    return own_home / ".local/state/howsitgoing/aws"


def asked() -> str:
    """The request, as the operator gets it."""
    done = howsitgoing("aws", "join")
    assert done.returncode == 0, done.stderr
    begin = done.stdout.index("-----BEGIN CERTIFICATE REQUEST-----")
    return done.stdout[begin : done.stdout.index("-----END CERTIFICATE REQUEST-----")] + "-----END CERTIFICATE REQUEST-----\n"


def joined(cloud: Mosquitto, authority: Authority, certificate: str, *words: str) -> subprocess.CompletedProcess[str]:
    place = ("127.0.0.1", "--port", str(cloud.secure_port), "--ca-file", str(authority.file))
    return howsitgoing("aws", "join", *place, "--certificate", "-", *words, stdin=certificate)


def test_from_nothing_to_a_device_that_publishes(cloud: Mosquitto, authority: Authority, own_home: Path, folder: Path) -> None:
    """All that the guide says, in its order; the doctor and the link then need nothing else."""
    request = asked()
    assert (folder / "hat-1.csr").read_text() == request
    (own_home / "certificates.json").write_text(json.dumps({"hat-0": "x", "hat-1": authority.sign(request)}))
    done = joined(cloud, authority, (own_home / "certificates.json").read_text())
    assert done.returncode == 0, done.stderr
    assert f"127.0.0.1:{cloud.secure_port} lets this device in." in done.stdout
    content = tomllib.loads((own_home / ".config/howsitgoing/config.toml").read_text())
    assert content["mqtt"] == {
        "transport": "aws",
        "host": "127.0.0.1",
        "port": cloud.secure_port,
        "tls": {
            "certificate": str(folder / "hat-1.pem"),
            "key": str(folder / "hat-1.key"),
            "ca_file": str(authority.file),
        },
    }
    assert howsitgoing("config", "check").returncode == 0
    with Subscriber(cloud.port) as listener, RunningAgent("--source", "demo", "--speech", "off") as agent:
        listener.wait_for(lambda heard: [m for m in heard if m.topic.endswith("hat-1/mood") and m.json["faces"]], 30)
        assert agent.end() == 0
        listener.wait_for_text("howsitgoing/hat-1/availability", "stopped")


@pytest.mark.parametrize("form", ["pem", "json"])
def test_the_certificate_may_be_pasted_at_the_prompt(cloud: Mosquitto, authority: Authority, folder: Path, form: str) -> None:
    """It comes in a chat or a mail; many lines, and whatever stands below them is no answer to the next question."""
    place = ("--port", str(cloud.secure_port), "--ca-file", str(authority.file))
    with Terminal("aws", "join", *place) as terminal:
        terminal.wait_for("The certificate, pasted, or its path (empty: later)")
        certificate = authority.sign((folder / "hat-1.csr").read_text())
        pasted = certificate if form == "pem" else json.dumps({"hat-1": certificate}, indent=2)
        terminal.type(f"{pasted}\n\nKind regards\n")
        terminal.wait_for("Endpoint")
        terminal.type("127.0.0.1\n")
        assert terminal.end() == 0, terminal.shown
        assert "hat-1 publishes to 127.0.0.1" in terminal.shown
    assert (folder / "hat-1.pem").read_text() == certificate


def test_a_certificate_pasted_for_standard_input_ends_by_itself(cloud: Mosquitto, authority: Authority) -> None:
    """Nobody needs to know about Ctrl-D."""
    certificate = authority.sign(asked())
    place = ("127.0.0.1", "--port", str(cloud.secure_port), "--ca-file", str(authority.file))
    with Terminal("aws", "join", *place, "--certificate", "-") as terminal:
        terminal.wait_for("Paste the certificate:")
        terminal.type(certificate)
        assert terminal.end() == 0, terminal.shown
        assert "hat-1 publishes to 127.0.0.1" in terminal.shown


def test_the_private_key_is_its_owners_alone_and_nowhere_to_be_seen(
    cloud: Mosquitto, authority: Authority, own_home: Path, folder: Path
) -> None:
    """Whoever has it is the device."""
    first = howsitgoing("aws", "join")
    done = joined(cloud, authority, authority.sign(asked()))
    assert done.returncode == 0, done.stderr
    key = folder / "hat-1.key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = "".join(key.read_text().splitlines()[1:-1])
    said = "".join(one.stdout + one.stderr for one in (first, done))
    files = [file for file in own_home.rglob("*") if file.is_file() and file != key]
    assert len(files) >= 3
    for text in (said, *(file.read_text() for file in files)):
        assert "PRIVATE KEY" not in text
        assert secret[:40] not in text


def test_the_request_is_one_that_others_understand(folder: Path) -> None:
    """AWS reads it, and so does OpenSSL: signed by the key, for the device's name, on a curve that AWS takes."""
    asked()
    words = [need("openssl"), "req", "-in", folder / "hat-1.csr", "-verify", "-noout", "-subject", "-text"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    assert "verify OK" in done.stdout + done.stderr
    assert "CN = hat-1" in done.stdout
    assert "NIST CURVE: P-256" in done.stdout


def test_asked_again_the_same_key_is_used(folder: Path) -> None:
    """The operator may have the first request already."""
    asked()
    before = (folder / "hat-1.key").read_bytes()
    asked()
    assert (folder / "hat-1.key").read_bytes() == before


def test_a_certificate_that_cannot_be_right_changes_nothing(
    cloud: Mosquitto, authority: Authority, own_home: Path, folder: Path
) -> None:
    """Certificates of several devices lie in one folder, and are mixed up. More of them in tests/edge/mqtt/test_keys.py."""
    asked()
    done = joined(cloud, authority, authority.issue("other").certificate.read_text())
    assert done.returncode == 1
    assert done.stderr == (
        "howsitgoing: the certificate belongs to another key: it must be made from this device's own request\n"
    )
    assert not list(own_home.rglob("config.toml"))
    assert not (folder / "hat-1.pem").exists()


def test_a_broker_that_does_not_let_it_in_changes_no_settings(authority: Authority, own_home: Path) -> None:
    """A device that works on the household's broker must go on doing so."""
    file = own_home / ".config/howsitgoing/config.toml"
    file.parent.mkdir(parents=True)
    before = '# mine\n[mqtt]\nhost = "broker.home"\n'
    file.write_text(before)
    certificate = authority.sign(asked())
    place = ("127.0.0.1", "--port", str(free_port()), "--ca-file", str(authority.file))
    done = howsitgoing("aws", "join", *place, "--certificate", "-", stdin=certificate)
    assert done.returncode == 1
    assert "nothing listens there" in done.stderr
    assert file.read_text() == before
    assert howsitgoing("aws", "join", *place, "--certificate", "-", "--no-check", stdin=certificate).returncode == 0
    content = tomllib.loads(file.read_text())["mqtt"]
    assert (content["transport"], content["host"]) == ("aws", "127.0.0.1")
    assert file.read_text().startswith("# mine\n")


def test_a_password_of_the_broker_at_home_is_not_taken_along(cloud: Mosquitto, authority: Authority, own_home: Path) -> None:
    """It is said, not silently removed: it is somebody's file."""
    file = own_home / ".config/howsitgoing/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[mqtt]\nhost = "broker.home"\nusername = "hat"\n')
    done = joined(cloud, authority, authority.sign(asked()))
    assert done.returncode == 2
    assert 'transport = "aws" goes by certificate alone: take username and password out' in done.stderr


def test_a_key_that_others_can_read_is_not_used(folder: Path) -> None:
    """It may be somebody else's by now."""
    asked()
    (folder / "hat-1.key").chmod(0o644)
    done = howsitgoing("aws", "join")
    assert (done.returncode, done.stderr) == (
        1,
        f"howsitgoing: others on this machine can read or change the key: chmod 600 {folder / 'hat-1.key'}\n",
    )


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    """Most devices stay at home and need none of it."""
    code = (
        "import importlib.util as u, sys\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('awscrt', 'cryptography') else find(name, *a)\n"
        "from howsitgoing_edge.cli import main\n"
        "sys.argv = ['howsitgoing', 'aws', 'join']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env=dict(os.environ),
    )
    assert (done.returncode, done.stderr) == (
        2,
        'howsitgoing: cryptography and awscrt must be installed for that: pip install "howsitgoing[aws]"\n',
    )
