"""The uplink's eye, on the vision thread: takes changes and chosen readings aside, with the picture if that is shared."""

from __future__ import annotations

from collections.abc import Callable

from howsitgoing_edge.cloud.drafts import Cut, Draft, Sight
from howsitgoing_edge.cloud.sampling import Sampler
from howsitgoing_edge.contract import NOBODY, Mood, MoodChange
from howsitgoing_edge.core.types import Mood as CoreMood


class Watch:
    """Used by the vision thread; nothing here waits."""

    def __init__(
        self,
        sampler: Sampler,
        hand_on: Callable[[Draft], None],
        *,
        cut: Cut | None,
        as_message: Callable[[CoreMood], Mood],
    ) -> None:
        """What is worth it goes to ``hand_on``; ``cut`` None: without pictures."""
        self._sampler = sampler
        self._hand_on = hand_on
        self._cut = cut
        self._as_message = as_message
        self._change: MoodChange | None = None
        self._before, self._state = NOBODY, NOBODY

    def change(self, change: MoodChange) -> None:
        """News, of the frame that `look` gets next."""
        self._change = change

    def look(self, sight: Sight) -> None:
        """Each frame."""
        change, self._change = self._change, None
        if sight.mood.emotion != self._state:
            self._before, self._state = self._state, sight.mood.emotion
        chosen = self._sampler.choose(sight.mood) if sight.face is not None else None
        if change is not None:
            self._hand_on(self._draft(sight, change, "change", change.previous, change.track))
        elif chosen is not None and sight.mood.track is not None:
            reading = self._as_message(sight.mood)
            self._hand_on(self._draft(sight, reading, chosen, self._before, sight.mood.track))

    def _draft(self, sight: Sight, reading: MoodChange | Mood, reason: str, previous: str, track: int) -> Draft:
        wanted = reason != "lasting"  # it says that nothing has changed; the picture of the change was sent
        picture = self._cut(sight.image, sight.face) if wanted and self._cut is not None and sight.face is not None else None
        return Draft(reading, reason, previous, track, sight.readable, picture)
