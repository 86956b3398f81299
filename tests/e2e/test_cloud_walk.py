"""docs/cloud.md, "Try it on one machine", done as it is written: what a newcomer types must work."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from support.agents import RunningAgent
from support.emulators import emulators
from support.waiting import until

GUIDE: Final = Path(__file__).parents[2] / "docs" / "cloud.md"
PROGRAMS: Final = {
    "howsitgoing": [sys.executable, "-m", "howsitgoing_edge.cli"],
    "howsitgoing-cloud": [sys.executable, "-m", "howsitgoing_cloud.cli"],
}
WRITTEN_URL: Final = "http://127.0.0.1:8088"


def _blocks() -> list[tuple[str, list[str]]]:
    """Who types what, in order."""
    found = re.findall(r"^```sh (\w+)\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [(who, lines.splitlines()) for who, lines in found]


def _command(line: str) -> list[str]:
    program, *words = shlex.split(line)
    return [*PROGRAMS[program], *words]


def _run(line: str) -> str:
    done = subprocess.run(_command(line), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[ExitStack]:
    """Ends what was started."""
    with emulators(tmp_path / "there"):  # skips where they are not installed
        pass
    with ExitStack() as stack:
        yield stack


def _start(ending: ExitStack, line: str, *more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([*_command(line), *more], stdout=subprocess.PIPE, text=True)

    def end() -> None:
        process.terminate()
        process.communicate(timeout=30)

    ending.callback(end)
    return process


def _samples(serving: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  google's clients carry no types
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import firestore

    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", serving["environment"]["FIRESTORE_EMULATOR_HOST"])
    client = firestore.Client(project=serving["environment"]["HOWSITGOING_CLOUD_PROJECT"], credentials=AnonymousCredentials())
    return client.collection("samples")


@pytest.mark.timeout(300)
def test_the_walk_through_the_guide_works_as_written(ending: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing (keys, device, serve, agent, erase) with the very lines of the page; only the port is another."""
    monkeypatch.setenv("HOWSITGOING_MQTT__TRANSPORT", "off")
    monkeypatch.setenv("HOWSITGOING_SPEECH__OUTPUT", "off")
    blocks = _blocks()
    assert [who for who, _ in blocks] == ["cloud", "device", "operator", "device", "device", "operator"]
    (serve,), (join,), (add,), (run, status), (stop, forget), (erase,) = [lines for _, lines in blocks]

    cloud = _start(ending, serve, "--port", "0", "--json")
    assert cloud.stdout is not None
    serving = json.loads(cloud.stdout.readline())
    assert WRITTEN_URL in join
    joining = _start(ending, join.replace(WRITTEN_URL, serving["url"]))
    assert joining.stdout is not None
    printed = next(line.strip() for line in joining.stdout if "devices add" in line)
    shape = re.escape(add).replace("DEVICE", r"[a-z0-9_-]+").replace("KEY", r"\S{60}")
    assert re.fullmatch(shape, printed), f"the guide shows another line than join prints: {printed}"
    _run(printed)
    assert joining.wait(30) == 0

    samples = _samples(serving, monkeypatch)
    agent = ending.enter_context(RunningAgent(*_command(run)[len(PROGRAMS["howsitgoing"]) + 1 :]))
    until(lambda: len(list(samples.stream())) >= 2, 60)
    shown = _run(status)
    assert "faces, by consent C-2026-014" in shown
    assert "the cloud lets this device in" in shown

    _run(stop)
    assert "Erased from this device: 0 samples" in _run(forget)
    assert agent.end() == 0, agent.log
    assert "Erased: " in _run(erase)
    assert list(samples.stream()) == []
