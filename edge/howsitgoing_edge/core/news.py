"""When a mood is news: another expression of the face in front, that has lasted long enough to be meant."""

from __future__ import annotations

from howsitgoing_edge.contract import EMOTIONS, NOBODY, UNSURE
from howsitgoing_edge.core.types import Change, Mood


class News:
    """Turns moods into changes. The first reading is a bearing, not news; ``unsure`` in between changes nothing."""

    def __init__(self, settle: float) -> None:
        """``settle``: seconds that a new state must last."""
        self._settle = settle
        self.reset()

    def reset(self) -> None:
        """Take bearings anew, as after the camera was away."""
        self._known: str | None = None
        self._candidate: tuple[str, float] | None = None

    def update(self, mood: Mood) -> Change | None:
        """The change that ``mood`` makes certain, if any."""
        if mood.emotion in (UNSURE, self._known):
            self._candidate = None
            return None
        if self._candidate is None or self._candidate[0] != mood.emotion:
            self._candidate = (mood.emotion, mood.time)
        if mood.time - self._candidate[1] < self._settle and mood.emotion != NOBODY:
            return None
        previous, self._known, self._candidate = self._known, mood.emotion, None
        if previous is None or mood.emotion not in EMOTIONS or mood.track is None:
            return None
        return Change(previous, mood.emotion, mood.confidence, mood.scores, mood.since, mood.time, mood.track)
