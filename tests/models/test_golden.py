"""The released network reads the golden faces as what they are, by either package's reading of model.json."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.golden_faces import golden_faces

from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.litert import LiteRtClassifier
from howsitgoing_models.cli import RELEASED
from howsitgoing_models.labels import EMOTIONS
from howsitgoing_models.measure.runtime import Network
from howsitgoing_models.release import bundle
from howsitgoing_models.release.card import REPORT_FILE
from howsitgoing_models.training.augment import no_face


@pytest.fixture(scope="module")
def classifier() -> LiteRtClassifier:
    """As the agent runs it."""
    return LiteRtClassifier(load_bundle(RELEASED), threads=1)


@pytest.mark.parametrize(("place", "name"), list(enumerate(EMOTIONS)))
def test_a_golden_face_is_read_as_what_it_shows(classifier: LiteRtClassifier, place: int, name: str) -> None:
    """A mixed-up label map in training, conversion, description or agent ends here."""
    scores = classifier.score(golden_faces()[place])
    assert EMOTIONS[int(scores.emotions.argmax())] == name
    assert scores.readable > classifier.bundle.description.outputs.crowd.readable_threshold


def test_the_fer2013_head_has_the_same_order() -> None:
    """It is trained from another numbering, so it can be mixed up by itself."""
    _, model = bundle.load(RELEASED)
    _, fer2013 = Network(model).logits(golden_faces())
    assert sum(fer2013.argmax(1) == np.arange(7)) >= 6


def test_both_packages_read_the_same_scores(classifier: LiteRtClassifier) -> None:
    """The packages do not import each other; what one writes, the other must understand to the last digit."""
    description, model = bundle.load(RELEASED)
    crowd, _ = Network(model, batch=7).logits(golden_faces())
    scores, readable = description.outputs.crowd.read(crowd)
    for face, row, seen in zip(golden_faces(), scores, readable, strict=True):
        got = classifier.score(face)
        assert np.allclose(got.emotions, row, atol=1e-4)
        assert got.readable == pytest.approx(seen, abs=1e-4)


def test_pieces_of_a_face_are_refused(classifier: LiteRtClassifier) -> None:
    """A false detection has to become silence: a cheek, an ear and the wall beside it, shuffled tiles, a blurred pattern."""
    rng = np.random.default_rng(2)
    limit = classifier.bundle.description.outputs.crowd.readable_threshold
    pieces = [no_face(face, rng) for face in golden_faces() for _ in range(12)]
    assert np.mean([classifier.score(piece).readable < limit for piece in pieces]) > 0.8


def test_the_released_folder_is_complete_and_small() -> None:
    """What a Pi loads, and what a person reads before using it."""
    description, model = bundle.load(RELEASED)
    assert len(model) <= 1_000_000
    assert description.figures["ferplus_accuracy"] > 0
    card = (RELEASED / "CARD.md").read_text("utf-8")
    assert description.id in card
    assert (RELEASED / REPORT_FILE).exists()
    for picture in RELEASED.glob("*.png"):
        assert picture.stat().st_size < 60_000
        assert picture.name in card


def test_nothing_of_the_makers_machine_is_in_the_released_files() -> None:
    """Provenance names files and hashes, not somebody's folders."""
    for file in Path(RELEASED).iterdir():
        content = file.read_bytes()
        assert b"/home/" not in content
        assert b"/root/" not in content
        assert b"/work/" not in content
