"""``howsitgoing-models export`` as people type it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.exports import COMMAND, MANY, command

WRONG = {
    "no project": (["--out", "x"], "--project is missing"),
    "no folder": (["--project", "p"], "--out is missing"),
    "form": (["--project", "p", "--out", "x", "--form", "xlsx"], "--form xlsx: known are parquet, imagefolder"),
    "time": (["--project", "p", "--out", "x", "--since", "yesterday"], "--since yesterday: a time such as"),
    "scope": (["--project", "p", "--out", "x", "--consent", "all"], "--consent all: known are moods, faces"),
    "source": (["--project", "p", "--out", "x", "--label-source", "model"], "--label-source model: known are wearer"),
    "future": (["--project", "p", "--out", "x", "--read-time", "2100-01-01"], "lies in the future"),
    "runner": (["--project", "p", "--out", "x", "--runner", "NoRunner"], "--runner NoRunner"),
}


@pytest.mark.parametrize(("words", "line"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_line_and_code_2(words: list[str], line: str, tmp_path: Path) -> None:
    """A program that starts this one tells its own mistakes from the world's."""
    done = command(*[str(tmp_path / "x") if word == "x" else word for word in words])
    assert done.returncode == 2, done.stderr
    assert line in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "x").exists()


def test_what_is_missing_in_the_world_is_one_line_and_code_1(tmp_path: Path) -> None:
    """No such export."""
    done = command("--apply-erasures", tmp_path)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "is no export, or an interrupted one" in done.stderr


def test_a_dry_run_counts_and_writes_nothing(filled: str, tmp_path: Path) -> None:
    """Before a day of Dataflow is paid for."""
    done = command("--project", filled, "--out", tmp_path / "out", "--label-source", "reviewer", "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (told["documents"], told["candidates"]) == (MANY, MANY // 4)
    assert told["left_out"] == {"other_label_source": MANY - MANY // 4}
    assert sum(told["splits"].values()) == MANY // 4
    assert list(tmp_path.iterdir()) == []


def test_in_a_pipe_it_is_quiet_and_json_is_all_there_is(filled: str, tmp_path: Path) -> None:
    """A program reads it."""
    done = command("--project", filled, "--out", tmp_path / "out", "--per-track", "1000", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert told["samples"] == MANY == json.loads((tmp_path / "out/manifest.json").read_text())["samples"]


def test_on_a_terminal_it_shows_how_far_it_is(filled: str, tmp_path: Path) -> None:
    """Half an hour without a sign looks like a hang."""
    terminal, inner = pty.openpty()
    words = [*COMMAND, "--project", filled, "--out", str(tmp_path / "out")]
    process = subprocess.Popen(words, stderr=inner, stdout=subprocess.PIPE, env={**os.environ, "TERM": "xterm"})
    os.close(inner)
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"parts gathered" in shown
    assert b"samples" in out


def test_help_does_not_wait_for_beam() -> None:
    """It takes seconds to import."""
    heavy = "{'apache_beam', 'pyarrow', 'cv2', 'matplotlib', 'flask', 'google'}"
    code = f"import sys, howsitgoing_models.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
