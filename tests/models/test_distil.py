"""Learning from larger networks: their word is mixed with the labels, and only for the images it was about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from howsitgoing_models.errors import DataError
from howsitgoing_models.training import distil

RNG = np.random.default_rng(6)
IMAGES = RNG.integers(0, 256, (5, 48, 48)).astype(np.uint8)
LOGITS = [(RNG.normal(0, 2, (5, 8)).astype(np.float32), RNG.normal(0, 2, (5, 7)).astype(np.float32)) for _ in range(3)]


def test_an_ensemble_speaks_by_its_mean() -> None:
    """Shares are averaged, not logits, so that one loud teacher does not outvote the rest."""
    lessons = distil.averaged(LOGITS, 1.0)
    assert np.allclose(lessons.crowd.sum(1), 1, atol=1e-6)
    alone = [distil.averaged([each], 1.0).crowd for each in LOGITS]
    assert np.allclose(lessons.crowd, np.mean(alone, axis=0), atol=1e-6)


def test_warmth_tells_more_of_what_else_a_face_could_be() -> None:
    """That is what a student gains over the plain label."""
    assert distil.averaged(LOGITS, 3.0).crowd.max() < distil.averaged(LOGITS, 1.0).crowd.max()


def test_lessons_are_mixed_with_labels_and_stand_in_where_there_are_none() -> None:
    """An image that FER+ never saw still has something to teach."""
    own = np.array([[1, 0, 0], [0, 0, 0]], np.float32)
    taught = np.array([[0.5, 0.5, 0], [0, 0, 1]], np.float32)
    assert distil.mixed(own, taught, 0.5).tolist() == [[0.75, 0.25, 0], [0, 0, 1]]
    assert distil.mixed(own, taught, 0.0)[0].tolist() == [1, 0, 0]


def test_kept_lessons_fit_their_images_alone(tmp_path: Path) -> None:
    """Lessons of another data set, row by row, would teach every image something about another."""
    path = tmp_path / "lessons.npz"
    distil.save(path, distil.averaged(LOGITS, 1.0), IMAGES)
    assert np.allclose(distil.load(path, IMAGES).crowd, distil.averaged(LOGITS, 1.0).crowd)
    with pytest.raises(DataError, match="other images"):
        distil.load(path, IMAGES[::-1])


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"], ids=["missing", "empty", "cut"])
def test_broken_lessons_are_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    """The message says which command writes them."""
    path = tmp_path / "lessons.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match="'teach' writes them"):
        distil.load(path, IMAGES)
