"""One command on a bare machine: environments are made, mended, and what is missing is named."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run"]
SHELL_SCRIPTS = [path for path in SCRIPTS if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash")]


def _run(words: Sequence[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_executable_strict_and_parse(script: Path) -> None:
    """A script that goes on after an error breaks something else, later."""
    assert os.access(script, os.X_OK)
    assert re.search(r"^set -e?uo pipefail$", script.read_text("utf-8"), re.MULTILINE)
    assert _run(["bash", "-n", script], ROOT).stderr == ""


def test_a_build_server_runs_what_a_person_would() -> None:
    """Otherwise one of them is never tried."""
    commands = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert {"make check", "make test"} <= set(commands)


def test_make_alone_explains_itself_and_needs_nothing() -> None:
    """The first thing a stranger types."""
    done = _run(["make"], ROOT)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()[:2]] == ["run", "test"]


def test_help_names_the_targets_that_there_are() -> None:
    """A target that was renamed is otherwise still advertised."""
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(" ".join(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)).split())
    named = set(re.findall(r"^# make ([\w-]+)", text, re.MULTILINE))
    internal = {name for name in targets if name.startswith(("environment-", "test-"))} | {"help"}
    assert named == targets - internal


class _Stub:
    """A ``python3`` that answers what some machine's would."""

    def __init__(self, folder: Path, version: str, *, venv: bool) -> None:
        self.path = folder / "python3"
        old = 1 if tuple(map(int, version.split("."))) < (3, 11) else 0
        answers = f"*ensurepip*) exit {0 if venv else 1};; *sys.exit*) exit {old};; *print*) echo {version};;"
        self.path.write_text(f'#!/bin/sh\ncase "$2" in {answers} esac\n')
        self.path.chmod(0o755)


MACHINES = {
    "old": ("3.9", True, "is Python 3.9; 3.11 or later is needed"),
    "without-venv": ("3.12", False, "sudo apt install python3.12-venv"),
}


@pytest.mark.parametrize(("version", "venv", "line"), MACHINES.values(), ids=MACHINES.keys())
def test_a_python_that_will_not_do_is_answered_with_what_to_install(
    tmp_path: Path, version: str, line: str, *, venv: bool
) -> None:
    """Debian leaves venv out; its own message is long and names a package of another version."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "scripts" / "uv", tmp_path / "scripts")
    shutil.copy(ROOT / "requirements" / "uv.txt", tmp_path / "requirements")
    done = _run(["scripts/uv", "--version"], tmp_path, PYTHON=str(_Stub(tmp_path, version, venv=venv).path))
    assert done.returncode == 1
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_python_at_all_is_answered_too(tmp_path: Path) -> None:
    """As on a server image."""
    done = _run(["scripts/uv", "--version"], ROOT, PYTHON=str(tmp_path / "python3"))
    if done.returncode == 0:  # ours is made already, and then needs none
        shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
        shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
        done = _run(["scripts/uv", "--version"], tmp_path, PYTHON=str(tmp_path / "python3"))
    assert "Install Python 3.11 or later" in done.stderr


def _wheel(folder: Path, version: str) -> str:
    """A package of one line, and its locked requirement."""
    folder.mkdir(exist_ok=True)
    file = folder / f"brick-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("brick.py", f"version = '{version}'\n")
        content.writestr(f"brick-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: brick\nVersion: {version}\n")
        content.writestr(f"brick-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        content.writestr(f"brick-{version}.dist-info/RECORD", "")
    return f"brick=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class _Clone:
    """The scripts in a folder of their own, with requirements that need no network."""

    def __init__(self, folder: Path) -> None:
        made = ROOT / ".cache" / "uv"
        if not (made / ".made").exists():
            pytest.skip("uv is made by any make target: make environment-dev")
        self.folder = folder / "clone"
        self.wheels = folder / "wheels"
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        (self.folder / "requirements").mkdir()
        shutil.copy(ROOT / "requirements" / "uv.txt", self.folder / "requirements")
        (self.folder / "pyproject.toml").touch()
        (self.folder / ".cache").mkdir()
        (self.folder / ".cache" / "uv").symlink_to(made)
        self.lock("1.0")

    def lock(self, version: str, name: str = "run") -> None:
        (self.folder / "requirements" / f"{name}.txt").write_text(_wheel(self.wheels, version))

    def make(self, name: str = "run") -> subprocess.CompletedProcess[str]:
        offline = {"UV_OFFLINE": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(self.wheels)}
        return _run(["scripts/environment", ".venv", name], self.folder, **offline)

    def version(self) -> str:
        return _run([".venv/bin/python", "-c", "import brick; print(brick.version)"], self.folder).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> _Clone:
    return _Clone(tmp_path)


def test_an_environment_is_made_once(clone: _Clone) -> None:
    """Each make would otherwise take as long as the first."""
    assert clone.make().stderr == ".venv: installing the packages of requirements/run.txt\n"
    assert clone.version() == "1.0"
    assert clone.make().stderr == ""


def test_a_new_lock_is_followed(clone: _Clone) -> None:
    """After a pull."""
    clone.make()
    clone.lock("2.0.1")
    assert clone.make().returncode == 0
    assert clone.version() == "2.0.1"


def test_what_an_interruption_left_is_mended(clone: _Clone) -> None:
    """Ctrl-C, or a power cut, at any moment of the first make."""
    clone.make()
    (clone.folder / ".venv/.has-run").unlink()
    next((clone.folder / ".venv").rglob("brick-1.0.dist-info")).rename(clone.folder / "gone")
    assert clone.make().returncode == 0
    assert clone.version() == "1.0"
    shutil.rmtree(clone.folder / ".venv/bin")
    assert clone.make().returncode == 0
    assert clone.version() == "1.0"


def test_a_python_that_went_away_is_replaced(clone: _Clone) -> None:
    """An upgrade of the system takes the old one."""
    clone.make()
    python = clone.folder / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.10")
    assert clone.make().returncode == 0
    assert clone.version() == "1.0"


def test_a_clone_that_moved_is_made_anew(clone: _Clone) -> None:
    """The programs in an environment name its folder."""
    clone.make()
    clone.folder = clone.folder.rename(clone.folder.with_name("moved"))
    assert "installing" in clone.make().stderr
    assert clone.version() == "1.0"


def test_a_package_with_another_hash_is_refused(clone: _Clone) -> None:
    """Somebody between us and the index."""
    lock = clone.folder / "requirements/run.txt"
    lock.write_text(re.sub(r"sha256:.{8}", "sha256:00000000", lock.read_text()))
    done = clone.make()
    assert done.returncode != 0
    assert "hash" in done.stderr.lower()


def test_who_has_the_tools_for_development_keeps_them_when_running(clone: _Clone) -> None:
    """``make run`` after ``make test`` must not take a step back."""
    clone.lock("2.0.1", "dev")
    clone.make("dev")
    assert clone.make("run").stderr == ""
    assert clone.version() == "2.0.1"


class Suite:
    """The terraform suite of a copy of `scripts/test`, with one file of tests and no environment to be made."""

    def __init__(self, folder: Path, tests: str) -> None:
        self._folder = folder
        for name in ("scripts", ".venv-terraform/bin", "tests/terraform"):
            (folder / name).mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "test", folder / "scripts" / "test")
        for name, text in (("scripts/environment", "exit 0"), (".venv-terraform/bin/python", f'exec "{sys.executable}" "$@"')):
            script = folder / name
            script.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
            script.chmod(0o755)
        (folder / "tests/terraform/pytest.ini").write_text("[pytest]\n", "utf-8")
        (folder / "tests/terraform/test_it.py").write_text(tests, "utf-8")

    def run(self, ci: str) -> tuple[int, str]:
        """Exit status, and what it printed."""
        done = _run(["scripts/test", "terraform"], self._folder, CI=ci)
        return done.returncode, done.stdout


FAILS_ONCE = """
import pathlib
seen = pathlib.Path(__file__).with_name("seen")

def test_well():
    pass

def test_loses_a_race():
    first = not seen.exists()
    seen.touch()
    assert not first
"""


def test_on_a_build_server_what_fails_once_is_run_again_and_named(tmp_path: Path) -> None:
    """One race lost in an hour says little of the change; a race is a fault all the same."""
    status, printed = Suite(tmp_path, FAILS_ONCE).run(ci="true")
    assert status == 0
    assert "1 failed, 1 passed" in printed
    assert "terraform        passed" in printed
    assert re.search(r"^flaky, .*:\n  test_it.py::test_loses_a_race$", printed, re.MULTILINE)


def test_a_contributor_sees_it_fail(tmp_path: Path) -> None:
    """Whoever can mend it is there."""
    status, printed = Suite(tmp_path, FAILS_ONCE).run(ci="")
    assert status == 1
    assert "flaky" not in printed


@pytest.mark.parametrize("failing", [1, 6], ids=["again", "too many to be flaky"])
def test_what_fails_twice_or_by_the_dozen_fails(tmp_path: Path, failing: int) -> None:
    """Otherwise nothing would ever fail."""
    tests = "".join(f"def test_{number}():\n    assert False\n" for number in range(failing))
    status, printed = Suite(tmp_path, tests).run(ci="true")
    assert status == 1
    assert "terraform        FAILED" in printed
    assert ("once more" in printed) == (failing == 1)
    assert "flaky" not in printed
