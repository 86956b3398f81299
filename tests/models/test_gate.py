"""What is in place is only ever replaced by something as good."""

from __future__ import annotations

from typing import Any

import pytest

from howsitgoing_models.parameters import Gate
from howsitgoing_models.release.gate import GUARDS, export_refusals, refusals

GOOD: dict[str, Any] = {
    "ferplus_accuracy": 0.86,
    "ferplus_macro_recall": 0.77,
    "operating_accuracy": 0.84,
    "selective_accuracy": 0.9,
    "fer2013_accuracy": 0.72,
    "macro_f1": 0.75,
    "ece": 0.02,
    "weakest_recall": 0.55,
    "half_size_accuracy": 0.83,
    "blur_accuracy": 0.84,
    "shifted_box_accuracy": 0.84,
    "talking_neutral_recall": 0.85,
    "no_face_refused": 0.9,
    "int8_loss": 0.001,
    "size_bytes": 960_000,
    "ms_per_face": 0.6,
}


def test_an_equal_model_passes() -> None:
    """Releasing twice is no error."""
    assert refusals(GOOD, GOOD, Gate()) == []


def test_the_first_model_has_nothing_to_beat() -> None:
    """An empty folder takes any model within the bounds."""
    assert refusals(GOOD, None, Gate()) == []


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.key)
def test_any_figure_worse_than_its_tolerance_is_refused_by_name(guard: Any) -> None:  # noqa: ANN401
    """Who is refused has to know where to look."""
    worse = GOOD[guard.key] + (-0.2 if guard.higher_is_better else 0.2)
    (reason,) = refusals({**GOOD, guard.key: worse}, GOOD, Gate())
    assert reason.startswith(guard.key)


def test_within_the_tolerance_is_no_loss() -> None:
    """Two runs of one recipe differ by a few images."""
    assert refusals({**GOOD, "ferplus_accuracy": 0.858, "ece": 0.025}, GOOD, Gate()) == []


def test_a_figure_that_was_not_measured_does_not_slip_through() -> None:
    """Leaving out the landmarks would otherwise hide that talking faces got worse."""
    assert "not measured" in refusals({**GOOD, "talking_neutral_recall": None}, GOOD, Gate())[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"size_bytes": 1_000_001}, "size_bytes"), ({"int8_loss": 0.01}, "int8"), ({"ms_per_face": 2.0}, "ms_per_face")],
)
def test_bounds_hold_whatever_the_model_in_place(change: dict[str, Any], word: str) -> None:
    """A small device has to carry it."""
    assert word in refusals({**GOOD, **change}, GOOD, Gate())[0]


def on_exports(**changed: Any) -> dict[str, Any]:  # noqa: ANN401
    """What `compare` found: both alike, but for what is changed."""
    alike = {"images": 200, "new_accuracy": 0.8, "old_accuracy": 0.8, "new_macro_recall": 0.7, "old_macro_recall": 0.7}
    return {**alike, "groups": {"device hat-1": dict(alike)}, **changed}


@pytest.mark.parametrize("key", ["accuracy", "macro_recall"])
def test_a_model_that_is_worse_on_the_exports_test_split_is_refused(key: str) -> None:
    """Faces from the field are what it is for; FER2013 alone must not decide."""
    assert export_refusals(on_exports(), Gate()) == []
    (reason,) = export_refusals(on_exports(**{f"new_{key}": 0.6}), Gate())
    assert reason.startswith(f"export_{key} 0.6000: worse than the")


def test_a_model_that_is_worse_for_one_group_is_refused() -> None:
    """Better for most is no excuse: the group is named."""
    compared = on_exports(new_accuracy=0.9)
    compared["groups"]["device hat-2"] = {**compared["groups"]["device hat-1"], "new_accuracy": 0.7}
    (reason,) = export_refusals(compared, Gate())
    assert reason.startswith("accuracy of device hat-2 0.7000: worse than the 0.8000")


def test_a_few_faces_decide_nothing() -> None:
    """Of ten faces one is ten points."""
    compared = on_exports()
    compared["groups"]["device hat-2"] = {**compared["groups"]["device hat-1"], "images": 10, "new_accuracy": 0.1}
    assert export_refusals(compared, Gate()) == []
    assert export_refusals(on_exports(images=10, new_accuracy=0.1, groups=None), Gate()) == []
