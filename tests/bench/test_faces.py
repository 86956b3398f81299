"""The faces of the benchmark's clips."""

from __future__ import annotations

import pytest
from support.shared import shared

from bench.faces import people


@pytest.mark.shared_data
def test_no_face_that_rules_are_chosen_by_is_shown_when_they_are_checked() -> None:
    """A filter looks best on the people it was fitted to."""
    shared("data/fer2013.npz")
    shared("models/face_detection_yunet_2023mar.onnx")
    tuned, checked = people("tune"), people("check")
    assert tuned is not None
    assert checked is not None
    known = {portrait.image.tobytes() for portraits in tuned.values() for portrait in portraits}
    shown = [portrait.image.tobytes() for portraits in checked.values() for portrait in portraits]
    assert len(known) > 100
    assert len(shown) > 100
    assert not known.intersection(shown)
