"""The archive that people install."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import custom_components.howsitgoing as component

HERE = Path(component.__file__).parent
ROOT = HERE.parents[2]


def build(target: Path) -> zipfile.ZipFile:
    """As ``make release-zip`` does."""
    subprocess.run([sys.executable, ROOT / "scripts" / "release_zip.py", "--to", target], check=True, capture_output=True)
    return zipfile.ZipFile(target)


def test_the_archive_is_the_component_with_its_files_at_the_top(tmp_path: Path) -> None:
    """HACS unpacks it into custom_components/howsitgoing."""
    archive = build(tmp_path / "howsitgoing.zip")
    assert archive.testzip() is None
    for name in (
        "manifest.json",
        "__init__.py",
        "_contract.py",
        "translations/de.json",
        "blueprints/automation/mood_light.yaml",
    ):
        assert archive.read(name) == (HERE / name).read_bytes()
    names = set(archive.namelist())
    here = {str(file.relative_to(HERE)) for file in HERE.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert names - here == {"LICENSE"}
    assert {Path(name).suffix for name in here - names} <= {".svg"}


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    """So that anybody can check a release."""
    build(tmp_path / "one.zip")
    build(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_hacs_is_told_the_archive_s_name_and_what_home_assistant_it_needs() -> None:
    """And the environment of the tests is that Home Assistant."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert (hacs["zip_release"], hacs["filename"]) == (True, "howsitgoing.zip")
    minor = ".".join(hacs["homeassistant"].split(".")[:2])
    assert f"homeassistant=={minor}." in (ROOT / "requirements" / "homeassistant.in").read_text()
