"""What tests need is installed where that is allowed, and never stops anybody where it is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = 'grep -qx "${@: -1}" "$MACHINE/installed" && printf installed'
APT = """
echo "$@" >>"$MACHINE/apt"
case " $* " in *" install "*) ;; *) exit 0 ;; esac
for word in "$@"; do
  case $word in
    sox) exit 100 ;; # this one is not to be had
    -*|install|*=*) ;;
    *) echo "$word" >>"$MACHINE/installed" ;;
  esac
done
"""


class _Machine:
    """A Debian whose package tools are scripts: what is installed, who we are, and whether sudo asks for a password."""

    def __init__(self, folder: Path, *, user: int, sudo: bool, debian: bool = True) -> None:
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        programs = {"id": f"echo {user}", "sudo": 'shift; [ "$1" = true ] || "$@"' if sudo else "exit 1"}
        if debian:
            programs |= {"dpkg-query": INSTALLED, "apt-get": APT}
        for name, body in programs.items():
            (tools / name).write_text(f"#!/bin/bash\n{body}\n")
            (tools / name).chmod(0o755)
        for name in ("bash", "env", "dirname", "mkdir", "grep", "cat"):
            (tools / name).symlink_to(shutil.which(name) or name)
        (folder / "installed").touch()
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "install-test-parts", folder / "scripts")

    def has(self, *packages: str) -> None:
        (self.folder / "installed").write_text("".join(f"{package}\n" for package in packages))

    def run(self) -> str:
        done = subprocess.run(
            [self.folder / "scripts" / "install-test-parts"],
            env={"PATH": str(self.folder / "bin"), "MACHINE": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @property
    def apt(self) -> list[str]:
        """What apt-get was called with."""
        file = self.folder / "apt"
        return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("user", [0, 1000], ids=["root", "sudo-without-password"])
def test_who_may_gets_what_is_missing_and_one_that_is_not_to_be_had_stops_no_other(tmp_path: Path, user: int) -> None:
    """A package that was renamed in the next Debian must not take all the others away."""
    machine = _Machine(tmp_path, user=user, sudo=True)
    machine.has("mosquitto")
    said = machine.run().splitlines()
    assert said[-1].startswith("test parts: could not be installed: sox ")
    assert sum("update" in call for call in machine.apt) == 1
    assert "chromium" in (tmp_path / "installed").read_text()
    assert not any(call.split().count("mosquitto") for call in machine.apt if "install" in call)


def test_who_may_not_is_told_the_command_and_goes_on(tmp_path: Path) -> None:
    """The other tests are worth running."""
    machine = _Machine(tmp_path, user=1000, sudo=False)
    machine.has("mosquitto")
    said = machine.run()
    assert "may not be installed from here; for all tests: sudo apt install mosquitto-clients pipewire " in said
    assert len(said.splitlines()) == 1
    assert machine.apt == []


def test_elsewhere_than_on_debian_nothing_is_tried(tmp_path: Path) -> None:
    """Other systems name their packages otherwise."""
    assert "no Debian here" in _Machine(tmp_path, user=0, sudo=True, debian=False).run()


def test_with_everything_there_it_is_one_line_and_no_network(tmp_path: Path) -> None:
    """At each ``make test``."""
    machine = _Machine(tmp_path, user=0, sudo=True)
    machine.run()
    calls = len(machine.apt)
    machine.has(*(tmp_path / "installed").read_text().split(), "sox")
    said = machine.run()
    assert said.startswith("test parts: all ")
    assert len(machine.apt) == calls
