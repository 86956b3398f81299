"""``howsitgoing-cloud blynk test``: does the template fit?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.blynk.cloud import TEMPLATE, BlynkCloud, Datastream
from support.blynk.server import TOKEN, BlynkStandIn


@pytest.fixture
def blynk() -> Iterator[BlynkStandIn]:
    """Without TLS, as ``howsitgoing-cloud serve`` uses it; on the loopback that is allowed."""
    with BlynkStandIn(cloud=BlynkCloud(TOKEN)) as running:
        yield running


def test_a_template_that_fits_is_said_to_and_shows_what_it_showed_before(blynk: BlynkStandIn, tmp_path: Path) -> None:
    """And the camera's switch has not moved."""
    before = {"V0": 0, "V1": 3, "V2": "looks happy", "V3": 80, "V4": 100, "V5": "2026-01-31T12:00:00.000Z", "V6": "stopped"}
    blynk.cloud.write(TOKEN, before, "app")
    done = _run(blynk, "--token-file", str(_file(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [[name, "works"] for name in ("token", *TEMPLATE)]
    assert blynk.values == before
    assert not any("V0" in written.values for written in blynk.device.written[1:])
    assert blynk.device.events == []


def test_what_is_missing_or_wrong_is_named_with_what_it_should_be(blynk: BlynkStandIn) -> None:
    """Whoever sets a template up forgets a maximum, a type, or a row."""
    faulty = {**TEMPLATE, "V1": Datastream("emoticon", int, 0, 6), "V4": Datastream("positivity", str), "V2": TEMPLATE["V1"]}
    del faulty["V6"]
    blynk.cloud.add(TOKEN, template=faulty, codes=("distress",))
    done = _run(blynk, "--json", "--events", environment={"HOWSITGOING_CLOUD_BLYNK_TOKEN": TOKEN})
    assert done.returncode == 1
    states = {found["name"]: (found["state"], found["what"]) for found in json.loads(done.stdout)}
    assert states["V1"] == ("wrong", "makes '6' of '8'; it should be emoticon: Integer, 0 to 8")
    assert states["V2"][0] == "wrong"
    assert states["V6"] == ("missing", "add a datastream to the template: virtual pin V6, availability: String")
    assert states["mood_change"] == ("missing", "add an event to the template with the code mood_change")
    assert states["distress"][0] == "works"


@pytest.mark.parametrize(
    ("token", "mode", "code", "said"),
    [
        ("a-token-that-opens-nothing-at-all", 0o600, 1, "refuses the token"),
        (TOKEN, 0o644, 2, "chmod 600"),
        ("", 0o600, 2, "is empty"),
        (None, 0, 2, "cannot be read"),
    ],
)
def test_a_token_that_is_none_is_one_line(
    blynk: BlynkStandIn, tmp_path: Path, token: str | None, mode: int, code: int, said: str
) -> None:
    """Which says what to do, and never repeats it."""
    file = tmp_path / "token"
    if token is not None:
        file.write_text(token)
        file.chmod(mode)
    done = _run(blynk, "--token-file", str(file))
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
    assert said in done.stderr
    assert not token or token not in done.stderr + done.stdout


def test_without_a_token_or_a_terminal_it_does_not_wait_for_one(blynk: BlynkStandIn) -> None:
    """In a script nobody would type it."""
    done = _run(blynk)
    assert done.returncode == 2
    assert "--token-file" in done.stderr


def test_a_server_that_is_not_there_is_one_line(blynk: BlynkStandIn, tmp_path: Path) -> None:
    """And exit code 1: nothing is wrong with how it was called."""
    blynk.stop()
    done = _run(blynk, "--token-file", str(_file(tmp_path)))
    blynk.start()
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "does not answer" in done.stderr


def _file(folder: Path) -> Path:
    file = folder / "token"
    file.touch(0o600)
    file.write_text(f"{TOKEN}\n")
    return file


def _run(blynk: BlynkStandIn, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "howsitgoing_cloud.cli", "blynk", "test"]
    return subprocess.run(
        [*command, "--server", blynk.web_address, *words],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
