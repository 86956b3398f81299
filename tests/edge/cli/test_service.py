"""The systemd unit is one that systemd takes, and starts what is installed."""

from __future__ import annotations

import getpass
import re
import subprocess
from pathlib import Path

import pytest
from support.commands import howsitgoing
from support.parts import need

from howsitgoing_edge.commands.unit import Account, unit

KINDS = {"user": None, "system": Account("daemon", 1)}


def _program(folder: Path) -> Path:
    program = folder / "howsitgoing"
    program.parent.mkdir(exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("account", KINDS.values(), ids=KINDS.keys())
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, account: Account | None) -> None:
    """It ignores what it doesn't know, with a warning that nobody sees: hence anything it says counts."""
    file = tmp_path / "howsitgoing.service"
    config = tmp_path / 'odd %n "name" $HOME; .toml'
    config.touch()
    file.write_text(unit(_program(tmp_path / "with space"), config, account))
    done = subprocess.run(
        [need("systemd-analyze"), "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_systems_unit_leaves_little_to_attack(tmp_path: Path) -> None:
    """Systemd's own score: below 4 is 'OK'; the rest is cameras, sound and network, which are needed."""
    file = tmp_path / "howsitgoing.service"
    file.write_text(unit(_program(tmp_path), None, KINDS["system"]))
    done = subprocess.run(
        [need("systemd-analyze"), "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    score = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert score is not None, done.stderr
    assert float(score[1]) < 4


def test_the_unit_can_be_looked_at_without_installing_anything(own_home: Path, tmp_path: Path) -> None:
    """Some manage their machines by other means."""
    config = tmp_path / "config.toml"
    config.touch()
    done = howsitgoing("service", "install", "--print", "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert re.search(rf"^ExecStart=\S+/howsitgoing run --config {re.escape(str(config))}$", done.stdout, re.MULTILINE)
    assert not list(own_home.rglob("*.service"))


def test_the_systems_unit_runs_as_somebody(tmp_path: Path) -> None:
    """As root, a fault in a camera's library would be a fault of the whole machine."""
    del tmp_path
    name = getpass.getuser()
    done = howsitgoing("service", "install", "--system", "--as", name, "--print")
    assert f"\nUser={name}\n" in done.stdout
    nobody_named = howsitgoing("service", "install", "--system", "--print", environment={"SUDO_USER": None})
    assert (nobody_named.returncode, nobody_named.stderr) == (
        2,
        "howsitgoing: --system: say whom it runs as, with --as USER\n",
    )


def test_a_wrong_configuration_is_refused_before_anything_is_installed(own_home: Path, tmp_path: Path) -> None:
    """Afterwards it would be seen in a journal only."""
    config = tmp_path / "config.toml"
    config.write_text("[camera]\nfps = 0\n")
    assert howsitgoing("service", "install", "--config", str(config)).returncode == 2
    assert not list(own_home.rglob("*.service"))


def test_removing_what_is_not_there_says_so() -> None:
    """It may be installed for the system instead."""
    done = howsitgoing("service", "remove")
    assert done.returncode == 1
    assert "perhaps with --system?" in done.stderr
