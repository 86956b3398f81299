"""The adapter feeds the network as its description says, reads it likewise, and never trades a good one for a bad one."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from howsitgoing_edge.core.types import Pixels
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.vision import litert
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.litert import LiteRtClassifier

GRADIENT: Pixels = np.add.outer(np.arange(48) * 3, np.arange(48) * 2).astype(np.uint8)
TINY = Path(__file__).parent / "tiny"
EXPECTED = {name: np.array(logits) for name, logits in json.loads((TINY / "expected.json").read_text()).items()}


def softmax(logits: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())


def rehash(folder: Path, network: bytes) -> None:
    """Put another network into a bundle, with its right hash."""
    (folder / "model.tflite").write_bytes(network)
    content = json.loads((folder / "model.json").read_text())
    content["sha256"] = hashlib.sha256(network).hexdigest()
    (folder / "model.json").write_text(json.dumps(content))


def describe(folder: Path, **changes: object) -> None:
    """Change the description of the input, or ``crowd_index``."""
    content = json.loads((folder / "model.json").read_text())
    if "crowd_index" in changes:
        content["outputs"]["crowd"]["index"] = changes.pop("crowd_index")
    content["input"].update(changes)
    (folder / "model.json").write_text(json.dumps(content))


def test_every_type_of_network_gives_the_float_networks_logits(tiny: Path) -> None:
    """Float, uint8 or int8: pixels go in and logits come out right, the order of the outputs included."""
    logits = LiteRtClassifier(load_bundle(tiny), 1).logits(GRADIENT)
    for name, expected in EXPECTED.items():
        np.testing.assert_allclose(logits[name], expected, atol=0.05)


def test_scores_follow_the_formula_of_the_description(tiny: Path) -> None:
    """softmax(logits[:7] / temperature + shift), and 1 - softmax(logits / temperature)[7]: the data team measures by it."""
    classifier = LiteRtClassifier(load_bundle(tiny), 1)
    logits = classifier.logits(GRADIENT)["crowd"].astype(np.float64)
    scores = classifier.score(GRADIENT)
    np.testing.assert_allclose(scores.emotions, softmax(logits[:7] / 1.25 + [0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.0]), atol=1e-5)
    assert scores.readable == pytest.approx(1 - softmax(logits / 1.25)[7], abs=1e-5)
    assert scores.emotions.dtype == np.float32
    assert scores.emotions.sum() == pytest.approx(1, abs=1e-5)


def test_a_float_network_gets_pixels_normalised_as_described(tmp_path: Path) -> None:
    """A network trained on 0 to 1 must not be fed 0 to 255."""
    folder = shutil.copytree(TINY / "float32", tmp_path / "bundle")
    describe(folder, normalisation={"scale": 0.5, "offset": 20.0})
    described = LiteRtClassifier(load_bundle(folder), 1).logits(GRADIENT)["crowd"]
    by_hand = LiteRtClassifier(load_bundle(TINY / "float32"), 1).logits((GRADIENT // 2 + 20).astype(np.uint8))["crowd"]
    np.testing.assert_allclose(described, by_hand, atol=0.03)  # by hand the halves are cut off


def test_scores_do_not_depend_on_what_was_scored_before(tiny: Path) -> None:
    """The table and the tensors are shared between calls; the results must not be."""
    classifier = LiteRtClassifier(load_bundle(tiny), 1)
    first = classifier.score(GRADIENT)
    kept = first.emotions.copy()
    classifier.score(GRADIENT[::-1].copy())
    np.testing.assert_array_equal(first.emotions, kept)
    np.testing.assert_array_equal(classifier.score(GRADIENT).emotions, kept)


@pytest.mark.parametrize("kind", ["noise", "cut short", "empty"])
def test_a_network_that_is_none_is_refused_even_with_the_right_hash(bundle_folder: Path, kind: str) -> None:
    """A hash says that the file is what was released, not that what was released is any good."""
    pytest.importorskip("ai_edge_litert", reason="tflite-runtime crashes on a file cut short; the hash is what guards it")
    network = (bundle_folder / "model.tflite").read_bytes()
    noise = np.random.default_rng(0).bytes(4000)
    rehash(bundle_folder, {"noise": noise, "cut short": network[:1500], "empty": b""}[kind])
    with pytest.raises(ModelError, match=r"model\.tflite: ai_edge_litert cannot run it"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)


def test_an_input_of_another_type_than_described_is_refused(bundle_folder: Path) -> None:
    """Bytes read as another type would still give seven plausible scores."""
    describe(bundle_folder, dtype="int8")
    with pytest.raises(ModelError, match=r"its input is \[1, 48, 48, 1\] uint8, described as \[1, 48, 48, 1\] int8"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)


def test_swapped_outputs_are_refused(bundle_folder: Path) -> None:
    """They would be seven plausible scores of the wrong head."""
    other = 1 - load_bundle(bundle_folder).crowd.index
    describe(bundle_folder, crowd_index=other)
    with pytest.raises(ModelError, match=rf"output {other} is \[1, 7\], crowd needs \[1, 8\]"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)


def test_an_output_that_is_not_there_is_refused(bundle_folder: Path) -> None:
    """Rather than an IndexError while somebody looks at the wearer."""
    describe(bundle_folder, crowd_index=5)
    with pytest.raises(ModelError, match="it has 2 outputs, crowd is described as number 5"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)


def test_without_any_runtime_the_message_names_what_to_install(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are two, for old and new systems."""
    monkeypatch.setattr(litert, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match="install 'ai-edge-litert'"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)


def test_tflite_runtime_is_used_where_it_is_what_is_installed(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its interpreter has the same interface, so the real one stands in under the other's name."""
    real = pytest.importorskip("ai_edge_litert.interpreter")
    stand_in = SimpleNamespace(Interpreter=real.Interpreter)
    monkeypatch.setattr(litert, "find_spec", lambda name: None if name == "ai_edge_litert" else SimpleNamespace())
    monkeypatch.setitem(sys.modules, "tflite_runtime", SimpleNamespace(interpreter=stand_in))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", stand_in)
    assert LiteRtClassifier(load_bundle(bundle_folder), 1).score(GRADIENT).emotions.shape == (7,)


def test_tflite_runtime_with_a_numpy_too_new_says_so(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built for numpy 1 it dies of an AttributeError; people need another word for it."""

    def dies(**_: object) -> None:
        raise AttributeError("_ARRAY_API not found")

    stand_in = SimpleNamespace(Interpreter=dies)
    monkeypatch.setattr(litert, "find_spec", lambda name: None if name == "ai_edge_litert" else SimpleNamespace())
    monkeypatch.setitem(sys.modules, "tflite_runtime", SimpleNamespace(interpreter=stand_in))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", stand_in)
    with pytest.raises(ModelError, match="tflite_runtime cannot run it"):
        LiteRtClassifier(load_bundle(bundle_folder), 1)
