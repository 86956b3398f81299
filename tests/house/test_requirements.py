"""The locks hold what pyproject.toml asks for, by hash, and nothing about where it was fetched from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _pins(lock: str) -> dict[str, set[str]]:
    """Package -> versions (there may be one for each range of Pythons)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line):
            pins.setdefault(_name(match[1]), set()).add(match[2])
    return pins


WANTED = {
    "run": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]],
    "dev": PROJECT["dependency-groups"]["dev"],
    "train": PROJECT["project"]["optional-dependencies"]["train"],
    "export": [*PROJECT["project"]["optional-dependencies"]["export"], *PROJECT["dependency-groups"]["dev-export"]],
}


@pytest.mark.parametrize("lock", WANTED)
def test_what_the_project_asks_for_is_locked(lock: str) -> None:
    """Who adds a dependency and forgets 'make lock' has it on his own machine only."""
    pins = _pins(lock)
    for text in WANTED[lock]:
        wanted = Requirement(text)
        versions = pins.get(_name(wanted.name), set())
        assert versions, f"{wanted.name} is not in requirements/{lock}.txt: make lock"
        assert all(wanted.specifier.contains(version, prereleases=True) for version in versions), f"{text}: make lock"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_is_pinned_by_hash_and_without_address(lock: Path) -> None:
    """Hashes make it the same package everywhere; an address would be that of somebody's own index."""
    text = lock.read_text("utf-8")
    packages = text.replace("\\\n", " ").splitlines()
    without = [
        line.split()[0] for line in packages if line.strip() and not line.startswith("#") and "--hash=sha256:" not in line
    ]
    assert without == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|-f ", text)


def test_the_larger_locks_hold_the_versions_of_the_smaller() -> None:
    """What is tested must be what runs."""
    run, dev, train = _pins("run"), _pins("dev"), _pins("train")
    assert {name: dev.get(name) for name in run} == run
    both = dev.keys() & train.keys()  # training needs nothing of the cloud
    assert {name: train[name] for name in both} == {name: dev[name] for name in both}


def test_nothing_drags_gigabytes_in() -> None:
    """PyPI's torch for Linux brings CUDA along; training does without."""
    heavy = [name for name in _pins("train") if name == "torch" or name.startswith("nvidia-")]
    assert heavy == []
