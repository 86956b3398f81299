"""The boundary between the core's values and the contract's messages."""

from __future__ import annotations

from collections.abc import Callable

from uuid_utils import uuid7

from howsitgoing_edge import contract
from howsitgoing_edge.core.types import Change, Mood

WallTime = Callable[[float], float]
"""A frame's time -> Unix seconds"""


def mood(value: Mood, wall: WallTime) -> contract.Mood:
    """The contract's mood."""
    scores = _named(value.scores)
    return contract.Mood(
        emotion=value.emotion,
        confidence=round(value.confidence, 3),
        scores=scores,
        positivity=contract.positivity(scores),
        faces=value.faces,
        since=contract.to_rfc3339(wall(value.since)),
        updated_at=contract.to_rfc3339(wall(value.time)),
    )


def change(value: Change, wall: WallTime, model: contract.Model) -> contract.MoodChange:
    """The contract's event, with an id of its own."""
    return contract.MoodChange(
        id=str(uuid7()),
        previous=value.previous,
        emotion=value.emotion,
        confidence=round(value.confidence, 3),
        scores=_named(value.scores),
        changed_at=contract.to_rfc3339(wall(value.changed)),
        noticed_at=contract.to_rfc3339(wall(value.noticed)),
        track=value.track,
        model=model,
    )


def _named(scores: tuple[float, ...]) -> dict[str, float]:
    return {name: round(share, 3) for name, share in zip(contract.EMOTIONS, scores, strict=False)}
