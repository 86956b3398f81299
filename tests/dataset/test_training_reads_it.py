"""Training and measuring take an export as it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from support.collected import BEGIN, Collected, put, sample
from support.emulators import Emulators
from support.exports import MANY, make, rows

from howsitgoing_models.data.sources import load
from howsitgoing_models.dataset.export import base_of
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.errors import DataError
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS
from howsitgoing_models.parameters import Data


@pytest.mark.parametrize("form", FORMS)
def test_what_reviewers_said_is_learnt_and_the_exports_splits_are_kept(filled: str, tmp_path: Path, form: str) -> None:
    """Wearers' labels and predictions don't count; nobody moves from the test split to the others."""
    make(tmp_path / "out", filled, form=form)
    data = load([tmp_path / "out"])
    reviewed = {name: row for name, row in sorted(rows(tmp_path / "out").items()) if row["label_source"] == "reviewer"}
    assert len(data.faces) == len(reviewed) == MANY // 4
    assert [EMOTIONS[n] for n in data.faces.targets.majority] == [row["label"] for row in reviewed.values()]
    assert np.allclose(data.faces.targets.crowd.sum(1), 1)
    expected = [1.0 if row["label"] == "neutral" else 0.5 for row in reviewed.values()]
    assert data.faces.targets.crowd[:, CROWD_OUTPUTS.index("neutral")].tolist() == expected
    assert (data.faces.targets.fer2013 == -1).all()
    splits, names = data.splits(Data(drop_near_twins=False)), [row["split"] for row in reviewed.values()]
    for split, kept in (("train", splits.train), ("validation", splits.choose), ("test", splits.public_test)):
        assert {names[row] for row in kept} == {split}
    assert len(splits.train) + len(splits.choose) + len(splits.public_test) == len(reviewed)


def test_a_later_exports_label_wins(fill: Callable[[Iterable[Collected]], str], cloud: Emulators, tmp_path: Path) -> None:
    """Somebody looked again; both exports have the sample."""
    project = fill(sample(number) for number in range(9))
    make(tmp_path / "first", project)
    again = sample(4).but(label={"value": "fear", "source": "reviewer", "by": "r2", "at": BEGIN}, votes={})
    gone = sample(8).but(label={"value": None, "source": "none", "by": None, "at": None}, votes={})
    put(cloud, [again, gone], project)
    make(tmp_path / "second", project, base=base_of(str(tmp_path / "first"))[0])
    data = load([tmp_path / "second", tmp_path / "first"])
    assert sorted(EMOTIONS[n] for n in data.faces.targets.majority) == ["angry", "fear"]


def test_an_export_that_nobody_reviewed_is_refused(fill: Callable[[Iterable[Collected]], str], tmp_path: Path) -> None:
    """Before an hour of training on nothing."""
    make(tmp_path / "out", fill([sample(1), sample(2)]))
    with pytest.raises(DataError, match="none of 2 samples has a reviewer's label or vote"):
        load([tmp_path / "out"])


def test_a_file_that_was_changed_is_refused(filled: str, tmp_path: Path) -> None:
    """Bit rot, or somebody's helpful hand."""
    manifest = make(tmp_path / "out", filled)
    file = tmp_path / "out" / manifest["files"][0]["path"]
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(DataError, match=r"is not the file that manifest\.json describes"):
        load([tmp_path / "out"])


def test_evaluate_measures_the_released_model_on_an_exports_test_split(filled: str, tmp_path: Path) -> None:
    """As the data team types it; only reviewed faces of the test split are measured."""
    make(tmp_path / "out", filled, form="webdataset")
    reviewed = [row for row in rows(tmp_path / "out").values() if row["split"] == "test" and row["label_source"] == "reviewer"]
    words = [sys.executable, "-m", "howsitgoing_models.cli", "evaluate", "--data", str(tmp_path / "out"), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["images"] == {"all": len(reviewed), "majority": len(reviewed)}
