"""The parts that are measured, joined as the agent joins them, with the best detector that is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from howsitgoing_edge import app
from howsitgoing_edge.core.mood import MoodFilter, MoodRules
from howsitgoing_edge.networks import load
from howsitgoing_edge.runtime.timing import Figures
from howsitgoing_edge.settings import EdgeSettings, VisionSettings
from howsitgoing_edge.vision.bundle import load_bundle
from howsitgoing_edge.vision.detectors import choose_detector
from howsitgoing_edge.vision.files import where
from howsitgoing_edge.vision.known_files import YUNET
from howsitgoing_edge.vision.litert import LiteRtClassifier

if TYPE_CHECKING:
    from howsitgoing_edge.core.types import Mood, Observation
    from howsitgoing_edge.pipeline import Pipeline

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
"""Beside the repository: faces with known labels, where somebody has them. Never needed."""


def yunet_file() -> Path | None:
    """YuNet's file, pulled or shared; None: Haar finds the faces."""
    return next((path for path in (where(YUNET), SHARED / "models" / YUNET.filename) if path.is_file()), None)


def settings() -> EdgeSettings:
    """The defaults, with YuNet where it is."""
    return EdgeSettings(vision=VisionSettings(yunet_file=yunet_file()))


def classifier() -> LiteRtClassifier:
    """The released network."""
    return LiteRtClassifier(load_bundle(), 1)


def pipeline(configured: EdgeSettings) -> Pipeline:
    """The agent's own."""
    return app._pipeline(configured, choose_detector(configured.vision).detector, load(configured, None), Figures())


class RecordingFilter(MoodFilter):
    """The filter, which remembers what it was shown."""

    def __init__(self, rules: MoodRules) -> None:
        """Has seen nothing."""
        super().__init__(rules)
        self.seen: list[Observation] = []

    def update(self, seen: Observation) -> Mood:
        """See `MoodFilter.update`."""
        self.seen.append(seen)
        return super().update(seen)


def recording_pipeline(configured: EdgeSettings) -> tuple[Pipeline, RecordingFilter]:
    """A pipeline of one clip, and its filter."""
    made = pipeline(configured)
    made._mood = mood = RecordingFilter(made._mood._rules)
    return made, mood


def default_rules() -> tuple[MoodRules, float]:
    """What the agent runs with: the filter's constants, and seconds until news is settled."""
    configured = settings()
    return pipeline(configured)._mood._rules, configured.mood.settle
