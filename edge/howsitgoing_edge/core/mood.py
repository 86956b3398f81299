"""What the face in front shows now: a forward filter over time, at any frame rate.

A hidden Markov model with one state an emotion (Rabiner, Proceedings of the IEEE 77(2), 1989, the forward recursion), in
continuous time: between two frames the belief leaks towards its resting distribution at the rate 1/hold; each frame then adds
its evidence, tempered by how much new information a frame so soon after the last one can carry. Frames of one moment are all
but copies of each other, so evidence counts by the time that passed, not by the number of frames.

While somebody talks, mouth shapes look like emotions they are not (the "speaking effect", Bursic et al., Applied Sciences
10(11), 4002, 2020). So the more the mouth moves, the longer the evidence is gathered, and the more a reading that an opened
mouth alone can cause must be borne out. See docs/adr/0007. And since many faces lie between two expressions, another one is
named only if its score has risen, or if it lasts: core/rise.py, docs/adr/0006.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from howsitgoing_edge.contract import EMOTIONS, NOBODY, UNSURE
from howsitgoing_edge.core.rise import Rise
from howsitgoing_edge.core.types import Mood, Observation

Belief = npt.NDArray[np.float64]

_RESTING: Final = np.array([0.10, 0.06, 0.08, 0.20, 0.32, 0.12, 0.12])
"""Where belief rests without evidence: faces are mostly neutral, then happy (FER+ votes: 33 % and 27 %), damped."""
_MOUTHED: Final = np.array([0.25, 0.25, 0.8, 0.0, 0.0, 0.15, 1.0])
"""How far an opened mouth alone can make a neutral face look so, relative to surprise."""


@dataclass(frozen=True)
class MoodRules:
    """The filter's constants; seconds and shares."""

    hold: float = 2.0
    """How long an expression lasts on average"""
    fresh: float = 0.2
    """After this long a frame counts as wholly new evidence"""
    talking_slows: float = 1.0
    """How many times longer evidence is gathered, more, per unit of mouth movement; at any frame rate"""
    talking_discount: float = 1.0
    """Log-likelihood taken from a mouthed reading per unit of mouth movement"""
    floor: float = 0.03
    """No frame may say more surely than this that an expression is not there"""
    sure: float = 0.6
    """Belief that names an expression"""
    keep: float = 0.3
    """Belief that is enough to go on naming it"""
    smooth: float = 0.5
    """Time constant of the reported scores"""
    nobody_after: float = 2.0
    """Without a face for so long: nobody"""
    rise: float = 0.3
    """How far the score of another expression than the one named must rise, of 1 ..."""
    patience: float = 4.0
    """... unless it is believed for so long: what has not risen must last"""
    unsure_after: float = 0.7
    """Not readable, or not clear, for so long: unsure"""
    readable: float = 0.5
    """Frames less readable than this say nothing"""
    thresholds: tuple[float, ...] = field(default=(0.35,) * len(EMOTIONS))
    """Smoothed score below which an expression is not named, for each emotion"""


class MoodFilter:
    """Turns observations into the mood of the face in front."""

    def __init__(self, rules: MoodRules) -> None:
        """Knows nothing yet."""
        self._rules = rules
        self._thresholds = np.array(rules.thresholds)
        self.reset()

    def reset(self) -> None:
        """Forget everything: another person is in front, or the camera was away."""
        self._belief: Belief = _RESTING.copy()
        self._scores: Belief = _RESTING.copy()
        self._track: int | None = None
        self._state = UNSURE
        self._since: float | None = None
        self._rising: Belief = np.full(len(EMOTIONS), np.nan)
        self._rise = Rise(self._rules.rise, self._rules.patience)
        self._last: float | None = None
        self._face_at: float | None = None
        self._clear_at: float | None = None
        self._read = False

    def follow(self, rules: MoodRules) -> None:
        """From now on go by ``rules``: another network has other thresholds. What is believed stays."""
        self._rules = rules
        self._thresholds = np.array(rules.thresholds)

    def update(self, seen: Observation) -> Mood:
        """The mood after one more frame; times must not run backwards (a step back counts as no time)."""
        passed = 0.0 if self._last is None else max(0.0, seen.time - self._last)
        if self._last is None:
            self._since = self._face_at = self._clear_at = seen.time
        self._last = seen.time
        if seen.track is not None:
            self._face_at = seen.time
            if seen.track != self._track:
                self._meet(seen.track, seen.time)
        self._leak(passed)
        scores = seen.scores
        if scores is not None and scores.readable >= self._rules.readable and np.isfinite(scores.emotions).all():
            self._weigh(scores.emotions.astype(np.float64), passed, seen.mouth, seen.time)
        self._settle(seen.time)
        return self._mood(seen)

    def _meet(self, track: int, time: float) -> None:
        """Another face is in front: what was believed of the last one does not hold for it."""
        if self._track is not None:
            self._forget()
            self._clear_at = time
        self._track = track

    def _forget(self) -> None:
        self._belief, self._scores, self._read = _RESTING.copy(), _RESTING.copy(), False
        self._rising[:] = np.nan
        self._rise.reset()

    def _leak(self, passed: float) -> None:
        stay = np.exp(-passed / self._rules.hold)
        self._belief = stay * self._belief + (1 - stay) * _RESTING

    def _weigh(self, scores: Belief, passed: float, mouth: float, time: float) -> None:
        rules = self._rules
        new = min(1.0, passed / rules.fresh) if self._read else 0.5
        weight = new / (1 + rules.talking_slows * mouth)
        evidence = np.log(np.maximum(scores, rules.floor)) - rules.talking_discount * min(mouth, 1.0) * _MOUTHED
        belief = self._belief * np.exp(weight * (evidence - evidence.max()))
        self._belief = belief / belief.sum()
        blend = 1 - np.exp(-passed / rules.smooth) if self._read else 1.0
        self._scores = (1 - blend) * self._scores + blend * scores
        self._rise.update(scores, passed)
        self._read = True
        rising = self._belief > 0.15  # noqa: PLR2004  clearly above the leak: the change has begun
        self._rising = np.where(rising, np.where(np.isnan(self._rising), time - passed / 2, self._rising), np.nan)

    def _settle(self, time: float) -> None:
        """Name a state, with hysteresis."""
        rules = self._rules
        assert self._face_at is not None and self._clear_at is not None  # noqa: PT018, S101  set by the first update
        if time - self._face_at >= rules.nobody_after:
            self._enter(NOBODY, self._face_at)
            self._track = None
            self._forget()
            return
        best = int(self._belief.argmax())
        named = EMOTIONS.index(self._state) if self._state in EMOTIONS else None
        has_come = self._rise.has_come(best, time)
        if self._read and self._belief[best] >= rules.sure and self._scores[best] >= self._thresholds[best]:
            self._clear_at = time
            if named is None or has_come:
                self._enter(EMOTIONS[best], self._rising[best])
        elif named is not None and self._belief[named] >= rules.keep and self._scores[named] >= 0.7 * self._thresholds[named]:
            self._clear_at = time
        elif self._track is not None and time - self._clear_at >= rules.unsure_after:
            self._enter(UNSURE, self._clear_at)

    def _enter(self, state: str, since: float) -> None:
        if state != self._state:
            self._state = state
            self._since = max(float(since), self._since or 0.0) if np.isfinite(since) else self._last

    def _mood(self, seen: Observation) -> Mood:
        assert self._since is not None  # noqa: S101  set by the first update
        if self._state == NOBODY:
            return Mood(NOBODY, 1.0, (), seen.faces, self._since, seen.time, None)
        scores = self._scores / self._scores.sum()
        confidence = float(scores[EMOTIONS.index(self._state)]) if self._state in EMOTIONS else float(scores.max())
        return Mood(self._state, confidence, tuple(map(float, scores)), seen.faces, self._since, seen.time, self._track)
