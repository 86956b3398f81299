"""The commands as people type them: one line and an exit code when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.golden_faces import write_npz

from howsitgoing_models.cli import RELEASED


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "howsitgoing_models.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_npz(tmp_path_factory.mktemp("data") / "faces.npz", 4)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["evaluate", "--data", "nothing.npz"], 1, "nothing.npz does not exist"),
        (["evaluate", "--data", "DATA", "--model", "nowhere"], 1, "nowhere holds no usable model"),
        (["evaluate", "--data", "DATA", "--split", "9"], 1, "split '9' of this data set holds no images"),
        (["evaluate", "--data", "DATA", "--parameters", "none.toml"], 2, "none.toml"),
        (["calibrate", "--data", "DATA", "--run", "nowhere"], 1, "convert first"),
        (["card", "--model", "nowhere"], 1, "nowhere holds no usable model"),
        (["evaluate"], 2, "Missing option"),
        (["praise"], 2, "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_said_in_a_line(data: Path, arguments: list[str], code: int, words: str) -> None:
    """No traceback; exit code 2 for wrong usage, 1 for anything else."""
    done = command(*[str(data) if word == "DATA" else word for word in arguments])
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_evaluate_prints_json_and_nothing_else(data: Path) -> None:
    """Another program reads it."""
    done = command("evaluate", "--model", RELEASED, "--data", data, "--split", "1", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report["per_class_recall"]) == {"angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"}
    assert report["images"]["all"] == 70
    assert report["size_bytes"] == (RELEASED / "model.tflite").stat().st_size


def test_help_and_evaluation_do_without_tensorflow() -> None:
    """Seconds of import and a gigabyte on disk, for a question that a Pi can answer."""
    program = """
import sys
import howsitgoing_models.cli, howsitgoing_models.measure.evaluate, howsitgoing_models.release.stages
heavy = {"tensorflow", "keras", "torch", "matplotlib"} & set(sys.modules)
sys.exit(" ".join(heavy) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_command_without_its_packages_says_which_are_missing(data: Path, tmp_path: Path) -> None:
    """The agent's own environment has no TensorFlow, and people will try."""
    program = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
sys.argv = ["howsitgoing-models", *sys.argv[1:]]
from howsitgoing_models.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "train", "--data", data, "--run", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "howsitgoing[train]" in done.stderr
    assert "Traceback" not in done.stderr
