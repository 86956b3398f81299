"""The whole way, small: train, be interrupted, go on, convert, calibrate, evaluate, release, card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.golden_faces import write_npz
from support.waiting import until

pytestmark = [pytest.mark.train, pytest.mark.timeout(300)]

COMMAND = [sys.executable, "-m", "howsitgoing_models.cli"]
PARAMETERS = """
[data]
choose_share = 0.2
drop_near_twins = false  # they are all variations of seven pictures
[augment]
rotate_degrees = 4
negative_share = 0.03
scale = 0.05
shift = 0.02
erase_chance = 0
[net]
widths = [8, 16, 24, 32]
blocks = [0, 1, 1, 0]
dropout = 0.0
norm_momentum = 0.8
[train]
epochs = 12
batch = 32
precision = "float32"
warmup_epochs = 1
learning_rate = 0.1
[evaluate]
latency_runs = 20
[gate]
ms_per_face_ratio = 1000
max_int8_loss = 0.05
"""


def command(*arguments: str | Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run ``howsitgoing-models`` as people do."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == expect, done.stderr[-2000:]
    return done


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("tensorflow", reason="needs the packages of the extra 'train'")
    return write_npz(tmp_path_factory.mktemp("data") / "faces.npz", 60)


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that is trained, killed in the middle, taken up again, converted and calibrated."""
    folder = tmp_path_factory.mktemp("run")
    parameters = folder / "mine.toml"
    parameters.write_text(PARAMETERS)
    history = folder / "history.jsonl"
    arguments = ["train", "--data", str(data), "--run", str(folder), "--parameters", str(parameters)]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        until(lambda: history.exists() and history.read_text().count("\n") >= 3, within=200)
        first.kill()
    command(*arguments)
    command("convert", "--data", data, "--run", folder)
    command("calibrate", "--data", data, "--run", folder)
    return folder


@pytest.fixture(scope="module")
def released(data: Path, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    command("release", "--data", data, "--run", run, "--to", folder)
    return folder


def test_a_small_network_learns_the_golden_faces(data: Path, run: Path) -> None:
    """If labels, targets, augmentation, loss or heads were mixed up anywhere, it could not."""
    report = json.loads(command("evaluate", "--model", run / "bundle", "--data", data, "--split", "1", "--json").stdout)
    assert report["ferplus_accuracy"] > 0.85
    assert report["fer2013_accuracy"] > 0.85
    assert set(report) >= {
        "ferplus_accuracy",
        "ferplus_macro_recall",
        "fer2013_accuracy",
        "macro_f1",
        "ece",
        "per_class_recall",
        "size_bytes",
        "ms_per_face",
    }


def test_a_killed_run_goes_on_where_it_was(run: Path) -> None:
    """Hours of training survive a power cut; each epoch leaves a line, by which the run is judged while it goes on."""
    epochs = [json.loads(line)["epoch"] for line in (run / "history.jsonl").read_text().splitlines()]
    assert epochs == sorted(set(epochs)), "an epoch was trained twice"
    assert set(range(1, 13)) - set(epochs) <= {4, 5}, "the kill may have cost one line, but not its epoch"


def test_what_is_released_stands_alone(released: Path) -> None:
    """Network, description, report, card, pictures: nothing else is needed to judge or run it."""
    description = json.loads((released / "model.json").read_text())
    assert description["figures"]["ferplus_accuracy"] > 0.85
    assert description["provenance"]["data"]["images_learnt_from"] > 0
    card = (released / "CARD.md").read_text()
    assert description["id"] in card
    assert "$" not in card
    assert (released / "weights.npz").stat().st_size > 1000
    for picture in ("confusion", "reliability", "risk-coverage", "operating-point", "robustness"):
        assert 1000 < (released / f"{picture}.png").stat().st_size < 60_000
        assert f"{picture}.png" in card


def test_a_worse_model_is_refused_and_the_old_one_stays(data: Path, run: Path, released: Path) -> None:
    """Exit code 1, one line that names the figures, and not a byte changed."""
    file = released / "model.json"
    better = json.loads(file.read_text())
    better["figures"]["ferplus_accuracy"] = 1.5
    file.write_text(json.dumps(better))
    before = {path.name: path.read_bytes() for path in released.iterdir()}
    done = command("release", "--data", data, "--run", run, "--to", released, expect=1)
    assert "not released: ferplus_accuracy" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in released.iterdir()} == before
