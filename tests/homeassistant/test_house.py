"""Rules that a tool can hold: types, coverage, the quality scale, the manifest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import custom_components.howsitgoing as component
import pytest
import yaml

HERE = Path(component.__file__).parent
ROOT = HERE.parents[2]
TESTS = Path(__file__).parent
RULES = 18 + 10 + 21 + 3 + 2
"""Bronze, silver, gold, platinum, and the two about triggers and conditions that came later."""


@pytest.mark.timeout(300)
def test_the_component_is_typed_throughout() -> None:
    """Against the lowest Home Assistant that we support."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(TESTS / "mypy.ini")]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.timeout(300)
def test_the_config_flow_is_covered_to_the_last_branch(tmp_path: Path) -> None:
    """It runs once for each household, on the day when nobody knows their way yet."""
    flow = "custom_components.howsitgoing.config_flow"
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(TESTS / "pytest.ini"), str(TESTS / "test_config_flow.py")]
    command += [f"--cov={flow}", "--cov-branch", "--cov-report=term-missing", "--cov-fail-under=100"]
    environment = {"COVERAGE_FILE": str(tmp_path / "coverage"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_every_rule_of_the_quality_scale_is_done_or_exempt_with_a_reason() -> None:
    """To do is not an answer."""
    rules = yaml.safe_load((HERE / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == RULES
    for name, answer in rules.items():
        assert answer == "done" or (answer["status"] == "exempt" and len(answer["comment"]) > 20), name


def test_the_manifest_fits_the_rest_of_the_house() -> None:
    """One version for all; no requirement that would be installed from somewhere."""
    manifest = json.loads((HERE / "manifest.json").read_text())
    version = re.search(r'__version__ = "(.+)"', (ROOT / "edge/howsitgoing_edge/__init__.py").read_text())
    assert version is not None
    assert manifest["version"] == version.group(1)
    assert manifest["mqtt"] == ["howsitgoing/+/info"]
    assert (manifest["dependencies"], manifest["requirements"]) == (["mqtt"], [])
    assert manifest["quality_scale"] == "platinum"


def test_nothing_shadows_home_assistant_itself() -> None:
    """A package named homeassistant beside the tests would be imported instead of the real one."""
    assert not (ROOT / "homeassistant" / "__init__.py").exists()


def test_the_contract_s_copy_is_the_original() -> None:
    """Byte for byte: the device and Home Assistant read the same file."""
    assert (HERE / "_contract.py").read_bytes() == (ROOT / "edge/howsitgoing_edge/contract.py").read_bytes()


def test_the_docs_name_every_entity_every_action_and_every_blueprint() -> None:
    """What is not written down is not there."""
    docs = (ROOT / "docs" / "home-assistant.md").read_text()
    snapshots = (TESTS / "snapshots" / "test_entities.ambr").read_text()
    names = set(re.findall(r"'entity_id': '\w+\.anna_s_hat_(\w+)'", snapshots))
    assert len(names) > 20
    assert {name for name in names if f"_{name}`" not in docs} == set()
    for action in yaml.safe_load((HERE / "services.yaml").read_text()):
        assert f"howsitgoing.{action}" in docs
    for blueprint in (HERE / "blueprints" / "automation").glob("*.yaml"):
        title = re.search(r'name: "How\'s it going\? (.+)"', blueprint.read_text())
        assert title is not None
        assert f"| {title.group(1)} |" in docs
    for picture in re.findall(r"\]\((pictures/[^)]+)\)", docs):
        assert (ROOT / "docs" / picture).exists()


def test_nothing_is_kept_in_hass_data() -> None:
    """What belongs to an entry ends with it."""
    for file in HERE.glob("*.py"):
        assert "hass.data" not in file.read_text(), file.name
