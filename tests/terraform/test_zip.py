"""What is deployed: dist/functions.zip."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from http import HTTPStatus
from pathlib import Path

from running import ROOT


def build(target: Path) -> zipfile.ZipFile:
    """As ``make functions-zip`` does."""
    script = ROOT / "scripts/functions_zip.py"
    subprocess.run([sys.executable, script, "--to", target], check=True, capture_output=True, timeout=60)
    return zipfile.ZipFile(target)


def test_it_holds_the_entry_points_the_locked_requirements_and_the_code(tmp_path: Path) -> None:
    """main.py at its top: Google looks there."""
    archive = build(tmp_path / "functions.zip")
    assert archive.testzip() is None
    for name in ("main.py", "requirements.txt", "howsitgoing_cloud/_contract.py", "howsitgoing_cloud/settings.py"):
        assert archive.read(name) == (ROOT / "cloud" / name).read_bytes()
    here = {str(file.relative_to(ROOT / "cloud")) for file in (ROOT / "cloud/howsitgoing_cloud").rglob("*.py")}
    assert here <= set(archive.namelist())
    extra = {Path(name).suffix for name in set(archive.namelist()) - here}
    assert extra == {".py", ".txt", ".typed", ""}  # main.py, requirements.txt, py.typed, LICENSE


def test_google_installs_what_is_locked_by_hash() -> None:
    """It asks for hashes as soon as one line has one, and then for all."""
    text = (ROOT / "cloud/requirements.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 20
    assert [line.split()[0] for line in lines if "--hash=sha256:" not in line] == []
    assert any(line.startswith("functions-framework==") for line in lines)


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    """Otherwise each apply would deploy everything anew."""
    build(tmp_path / "one.zip")
    build(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


STARTED = """
import json, sys
import functions_framework
told = {}
for name in sys.argv[1:]:
    told[name] = functions_framework.create_app(name, "main.py").test_client().get("/v1/health").status_code
print(json.dumps(told))
"""


def test_it_starts_where_nothing_is_but_what_it_names(tmp_path: Path) -> None:
    """As Google builds it: the archive, its requirements by hash, the framework, each entry point; and nothing of the edge."""
    build(tmp_path / "functions.zip").extractall(tmp_path / "source")
    environment = {**os.environ, "VIRTUAL_ENV": str(tmp_path / "venv")}
    uv = ROOT / "scripts/uv"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"],
        [uv, "pip", "install", "--quiet", "--require-hashes", "-r", tmp_path / "source/requirements.txt"],
    ):
        subprocess.run(command, env=environment, check=True, timeout=100, stdout=subprocess.DEVNULL)
    names = re.findall(r"^def (\w+)\(", (ROOT / "cloud/main.py").read_text("utf-8"), re.MULTILINE)
    settings = {"HOWSITGOING_CLOUD_PROJECT": "a-project", "HOWSITGOING_CLOUD_AUDIENCE": "https://functions.example.org"}
    done = subprocess.run(
        [tmp_path / "venv/bin/python", "-c", STARTED, *names],
        cwd=tmp_path / "source",
        env={"PATH": os.environ["PATH"], **settings},
        check=True,
        timeout=100,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout.splitlines()[-1])["ingest"] == HTTPStatus.OK
    assert json.loads(done.stdout.splitlines()[-1]).keys() == set(names)
