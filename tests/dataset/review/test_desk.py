"""The desk of several reviewers: what one sees of a face while votes on it are still under way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from howsitgoing_models.review.desk import Desk, NoSuchFaceError
from howsitgoing_models.review.reading import Face


def _laid(votes: Mapping[str, str]) -> tuple[Desk, str]:
    desk = Desk(2)
    desk.add([Face("a", {}, {}, dict(votes))])
    (handle,) = desk.next("somebody-new") or [""]
    return desk, handle


@pytest.mark.parametrize(
    ("meanwhile", "votes"),
    [
        ((), {"r1": "happy"}),
        ((("r2", "sad"),), {"r1": "happy", "r2": "sad"}),
        ((("r1", "sad"), ("r1", "fear")), {"r1": "fear"}),
        ((("r1", None),), {}),
        ((("r3", None), ("r2", "sad"), ("r2", None)), {"r1": "happy"}),
    ],
)
def test_what_firestore_does_not_have_yet_stands_over_what_it_has(
    meanwhile: tuple[tuple[str, str | None], ...], votes: dict[str, str]
) -> None:
    """In one step: between two, a face on which reviewers disagree would look as if one of them had not spoken."""
    desk, handle = _laid({"r2": "sad"})
    desk.settle("a", {"r1": "happy"}, meanwhile)
    assert desk.face(handle).votes == votes


def test_a_face_that_was_erased_meanwhile_is_gone_whatever_waits() -> None:
    """Nobody is shown it again, though a vote on it is still under way."""
    desk, handle = _laid({})
    desk.settle("a", None, [("r2", "sad")])
    with pytest.raises(NoSuchFaceError):
        desk.face(handle)
