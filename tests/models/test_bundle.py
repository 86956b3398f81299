"""model.json: written once, read by whoever runs the network; a broken pair is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from howsitgoing_models.errors import BundleError
from howsitgoing_models.figures import softmax
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.release import bundle

MODEL = b"TFL3 but not really"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle, its network standing in by bytes alone."""
    outputs = bundle.Outputs(crowd=bundle.CrowdHead(index=1, temperature=1.3), fer2013=bundle.Fer2013Head(index=0))
    bundle.save(tmp_path, bundle.Description(id="emotion-test", sha256=bundle.sha256(MODEL), outputs=outputs), MODEL)
    return tmp_path


def test_what_is_written_is_read(folder: Path) -> None:
    """Every field survives."""
    description, model = bundle.load(folder)
    assert model == MODEL
    assert description.outputs.crowd.temperature == 1.3
    assert json.loads((folder / "model.json").read_text())["schema"] == 1


def test_a_network_with_flipped_bytes_is_refused(folder: Path) -> None:
    """A download cut short must not become a face that is always happy."""
    (folder / "model.tflite").write_bytes(MODEL[::-1])
    with pytest.raises(BundleError, match="sha256 differs"):
        bundle.load(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', "{}"], ids=["empty", "cut", "list", "newer", "nothing"])
def test_a_broken_description_is_refused_in_one_clear_error(folder: Path, text: str) -> None:
    """No traceback of a JSON parser for the data team."""
    (folder / "model.json").write_text(text)
    with pytest.raises(BundleError, match="no usable model"):
        bundle.load(folder)


def test_labels_in_another_order_are_refused(folder: Path) -> None:
    """The most costly mistake of all, and the easiest."""
    content = json.loads((folder / "model.json").read_text())
    content["labels"] = list(reversed(content["labels"]))
    (folder / "model.json").write_text(json.dumps(content))
    with pytest.raises(BundleError, match="order"):
        bundle.load(folder)


def test_the_scores_are_what_the_description_says() -> None:
    """The formula in the file and the one that runs must be one."""
    logits = np.random.default_rng(0).normal(0, 2, (5, 8)).astype(np.float32)
    shift = np.linspace(-0.5, 0.5, 7)
    head = bundle.CrowdHead(index=0, temperature=0.8, log_prior_shift=tuple(shift), thresholds=dict.fromkeys(EMOTIONS, 0.5))
    scores, readable = head.read(logits)
    assert np.allclose(scores, softmax(logits[:, :7] / 0.8 + shift))
    assert np.allclose(readable, 1 - softmax(logits / 0.8)[:, 7])
    assert np.array_equal(head.sure(scores), scores.max(1) >= 0.5)
