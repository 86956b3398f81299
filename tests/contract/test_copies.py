"""The contract has one original; its copies and its schema are made from it and must never drift."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
SCRIPT = HOME / "scripts" / "contract.py"
ORIGINAL = Path("edge/howsitgoing_edge/contract.py")
CLOUD = Path("cloud/howsitgoing_cloud/_contract.py")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with the original and a cloud package, but no Home Assistant component."""
    for folder in (ORIGINAL.parent, CLOUD.parent):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ORIGINAL).write_bytes((HOME / ORIGINAL).read_bytes())
    return tmp_path


def test_the_copies_in_this_checkout_are_up_to_date() -> None:
    """Cloud functions and the Home Assistant component read by their copies."""
    result = run("--check")
    assert result.returncode == 0, result.stderr


def test_copies_are_the_same_to_the_byte_and_made_only_where_their_folder_is(house: Path) -> None:
    """Each part is shipped without the others."""
    assert run("--check", "--home", house).returncode == 1
    assert run("--home", house).returncode == 0
    assert run("--check", "--home", house).returncode == 0
    assert (house / CLOUD).read_bytes() == (HOME / ORIGINAL).read_bytes()
    assert not (house / "homeassistant").exists()


def test_an_edited_copy_is_found_and_named_and_left_alone_by_the_check(house: Path) -> None:
    """The check runs in CI: it says what to do and changes nothing."""
    run("--home", house)
    with (house / CLOUD).open("a") as copy:
        copy.write("# edited\n")
    edited = (house / CLOUD).read_bytes()
    result = run("--check", "--home", house)
    assert result.returncode == 1
    assert f"{CLOUD} is not what" in result.stderr
    assert "make contract" in result.stderr
    assert (house / CLOUD).read_bytes() == edited


def test_the_contract_needs_the_standard_library_alone() -> None:
    """It is copied into places that have nothing else."""
    code = f"import runpy, sys; runpy.run_path({str(HOME / ORIGINAL)!r}, run_name='copy'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=30, check=True)
    roots = {name.split(".")[0] for name in done.stdout.split()}
    assert roots <= set(sys.stdlib_module_names) | {"__main__"}
