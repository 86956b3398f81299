"""Runs the real Terraform on a copy of ``terraform/``, and finds the providers that are on the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = "HOWSITGOING_TF_PLUGINS"
AWS = Path("registry.terraform.io/hashicorp/aws")
_LOOK_IN = ("/opt", "/usr/local/share/terraform", "/usr/share/terraform", "~/.terraform.d")
_GIVEN = os.environ.get(PLUGINS)  # read now: a fixture empties the environment


def terraform() -> str:
    """Path of the program; skips the test where it isn't."""
    path = shutil.which("terraform")
    if path is None:
        pytest.skip("terraform is not installed: https://developer.hashicorp.com/terraform/install")
    return path


@cache
def _found() -> Path | None:
    if _GIVEN:
        return Path(_GIVEN)
    below = (path for place in _LOOK_IN for path in (Path(place).expanduser(), *Path(place).expanduser().glob("*/")))
    return next((path for path in below if (path / AWS).is_dir()), None)


def plugins() -> Path:
    """A folder of plug-ins with the AWS provider in it; skips the test where there is none."""
    found = _found()
    if found is None or not (found / AWS).is_dir():
        pytest.skip(f"no AWS provider here: 'cd terraform/aws && terraform providers mirror FOLDER', then {PLUGINS}=FOLDER")
    return found


@dataclass(frozen=True)
class Module:
    """A copy of one of our modules."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, timeout: float = 280, **environment: str) -> subprocess.CompletedProcess[str]:
        """One command; whatever comes of it."""
        kept = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder)}  # nobody's own settings of Terraform
        ours = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", **self.environment, **environment}
        command = [terraform(), arguments[0], "-no-color", *arguments[1:]]
        return subprocess.run(
            command, cwd=self.folder, env=kept | ours, capture_output=True, text=True, timeout=timeout, check=False
        )

    def must(self, *arguments: str, **environment: str) -> str:
        """What it printed; the test fails if it did."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, f"terraform {' '.join(arguments)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout

    def output(self) -> dict[str, Any]:
        """The module's outputs."""
        return {name: entry["value"] for name, entry in json.loads(self.must("output", "-json")).items()}

    def tested(self) -> Outcome:
        """What ``terraform test`` makes of the files of ``tests/``."""
        lines = [json.loads(line) for line in self.must("test", "-json", "-verbose").splitlines()]
        (summary,) = [line["test_summary"] for line in lines if line["type"] == "test_summary"]
        made = next(line["test_state"] for line in lines if line["type"] == "test_state")["root_module"]["resources"]
        return Outcome(summary["passed"], summary["failed"], {one["address"]: one["values"] for one in made})


@dataclass(frozen=True)
class Outcome:
    """The outcome of ``terraform test``."""

    passed: int
    failed: int
    made: Mapping[str, dict[str, Any]]
    """Address -> attributes, of all that the first run "makes" with mocked values"""


def copied(name: str, to: Path) -> Path:
    """A copy of module ``name``, and of what it reads of the checkout: what git would take, nobody's own state or settings."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", f"terraform/{name}", "cloud/rules"]
    for file in filter(None, subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")):
        if (ROOT / file).is_file():
            (to / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, to / file)
    return to / "terraform" / name
