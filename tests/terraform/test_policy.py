"""checkov over both modules: what it finds is mended, or exempt with the reason beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, copied

EXEMPT = re.compile(r"#checkov:skip=(\w+):(.*)")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What checkov says."""
    folder = tmp_path_factory.mktemp("checkov")
    for module in ("aws", "gcp"):
        copied(module, folder)
    program = Path(sys.executable).with_name("checkov")
    done = subprocess.run(
        [program, "-d", "terraform", "--framework", "terraform", "--skip-download", "--compact", "-o", "json"],
        cwd=folder,
        env={**os.environ, "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_checkov_finds_nothing_that_is_not_exempt(report: dict[str, Any]) -> None:
    """And it has read everything."""
    failed = [f"{one['check_id']} {one['check_name']}: {one['resource']}" for one in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["parsing_errors"] == 0
    resources = sum(
        len(re.findall(r'^resource "', file.read_text("utf-8"), re.MULTILINE)) for file in ROOT.glob("terraform/*/*.tf")
    )
    assert report["summary"]["resource_count"] >= resources
    assert report["summary"]["passed"] >= 40


def test_every_exemption_has_a_reason_and_is_still_needed() -> None:
    """What nobody can explain any more is no exemption but a hole."""
    exempt = [match for file in ROOT.glob("terraform/*/*.tf") for match in EXEMPT.findall(file.read_text("utf-8"))]
    assert exempt
    assert [check for check, reason in exempt if len(reason.split()) < 5] == []


def test_no_exemption_is_left_over(report: dict[str, Any]) -> None:
    """An exemption from what checkov no longer asks would one day hide something else."""
    written = Counter(check for file in ROOT.glob("terraform/*/*.tf") for check, _ in EXEMPT.findall(file.read_text("utf-8")))
    used = Counter(one["check_id"] for one in report["results"]["skipped_checks"])
    assert {check: count for check, count in written.items() if used[check] < count} == {}
