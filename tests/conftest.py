"""What holds for all suites: a home of their own, nothing left behind, and no silent skips on a build server."""

from __future__ import annotations

import importlib.util
import logging
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator
    from pathlib import Path

    Report = pytest.TestReport | pytest.CollectReport

EXTRAS = ("shared_data", "train")
"""Markers of tests that may be skipped anywhere: what they need is not for everybody."""


def _installed(package: str) -> bool:
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin is not None  # our folder homeassistant/ looks like a package without origin


collect_ignore = [
    folder for folder, package in (("homeassistant", "homeassistant"), ("dataset", "apache_beam")) if not _installed(package)
]


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh HOME and no settings of the person who runs the tests; gone from the environment afterwards."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith("HOWSITGOING_") or (name.startswith("XDG_") and name.endswith(("_HOME", "_DIRS"))):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Whatever a test does to the root logger ends with it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def _must_run(report: Report, keywords: Collection[str]) -> None:
    on_build_server = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    if not on_build_server or not report.skipped or hasattr(report, "wasxfail"):
        return
    if any(name in keywords for name in EXTRAS):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{reason}\nWith CI=true every real part has to be there."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skipped real part is a failure."""
    report = yield
    _must_run(report, item.keywords)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Likewise for a module that skips itself as a whole."""
    report = yield
    _must_run(report, collector.keywords)
    return report
