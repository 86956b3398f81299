"""The same request gives the same bytes: interrupted or not, in one process or several, in few parts or many."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from support.collected import Collected, sample
from support.exports import COMMAND, bytes_of, command, make
from support.waiting import until

from howsitgoing_models.dataset.export import How
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.dataset.manifest import read
from howsitgoing_models.dataset.places import Place

SMALL = ("--per-track", "1000", "--shard-size", "20", "--parts", "24")


def _over_or_begun(process: subprocess.Popen[bytes], work: Path, pattern: str) -> bool:
    return process.poll() is not None or len(list(work.glob(pattern))) > 1


@pytest.mark.timeout(300)
def test_an_export_that_was_killed_goes_on_and_ends_with_the_same_bytes(
    fill: Callable[[Iterable[Collected]], str], tmp_path: Path
) -> None:
    """Kill -9 while it gathers and again while it writes; meanwhile nothing looks like an export."""
    project, whole, torn = fill(sample(number) for number in range(80)), tmp_path / "whole", tmp_path / "torn"
    words = ["--project", project, "--per-track", "1000", "--shard-size", "4", "--parts", "20"]
    assert command(*words, "--out", whole).returncode == 0
    now = read(Place(str(whole)))["source"]["read_time"]
    work = tmp_path / "torn.incomplete" / "work"
    for begun in ("packs/*.index", "shards/*.json"):
        with subprocess.Popen([*COMMAND, *words, "--read-time", now, "--out", str(torn)], stderr=subprocess.DEVNULL) as process:
            until(partial(_over_or_begun, process, work, begun), 90)
            process.kill()
        assert process.returncode == -signal.SIGKILL, f"it was over before {begun} could be seen"
        assert not torn.exists()
        half = (
            work.parent / "data" / ".train-00001-of-00014.parquet.1.part"
        )  # as the kill leaves it, if it comes while a file is written
        half.parent.mkdir(exist_ok=True)
        half.write_bytes(b"half")
    assert command(*words, "--out", torn).returncode == 0  # without its time: that of the interrupted one is taken
    assert bytes_of(torn) == bytes_of(whole)
    assert not list(tmp_path.glob("*.incomplete*"))


@pytest.mark.parametrize("form", FORMS)
def test_neither_parts_nor_processes_change_a_byte(filled: str, tmp_path: Path, form: str) -> None:
    """On several machines the work falls differently each time; pickled and sent to other processes it must come out alike."""
    now = datetime.now(UTC).isoformat()
    make(tmp_path / "few", filled, form=form, read_time=now, how=How(parts=2))
    several = How(options=("direct_running_mode=multi_processing", "direct_num_workers=2"), parts=9)
    make(tmp_path / "many", filled, form=form, read_time=now, how=several if form == "parquet" else How(parts=9))
    assert bytes_of(tmp_path / "few") == bytes_of(tmp_path / "many")


def test_a_pack_that_a_power_cut_tore_is_gathered_again(tmp_path: Path) -> None:
    """Packs are not synced one by one; a torn one must be noticed by its length and its index's last line."""
    from howsitgoing_models.dataset import packs

    place = Place(str(tmp_path))
    packs.finish(place, packs.name_of(0, 0), packs.Tally(size=4), [])
    assert packs.load(place, packs.name_of(0, 0)) is None
    place.put(packs.name_of(0, 0), b"1234")
    assert packs.load(place, packs.name_of(0, 0)) is not None
    place.put(packs.name_of(0, 0), b"12")
    assert packs.load(place, packs.name_of(0, 0)) is None
    place.put(packs.name_of(0, 0), b"1234")
    index = tmp_path / (packs.name_of(0, 0) + packs.SUFFIX)
    index.write_bytes(index.read_bytes()[:-2])
    assert packs.load(place, packs.name_of(0, 0)) is None


def test_two_exports_do_not_write_to_one_folder(filled: str, tmp_path: Path) -> None:
    """Started twice by mistake, from two terminals."""
    words = ["--project", filled, *SMALL, "--out", str(tmp_path / "out")]
    first = subprocess.Popen([*COMMAND, *words], stderr=subprocess.DEVNULL)
    try:
        until((tmp_path / "out.incomplete/work/plan.json").exists, 60)
        second = command(*words)
        assert first.wait(60) == 0
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 1
    assert "another export is writing to" in second.stderr or "is there already" in second.stderr
