"""The way of one frame, top to bottom: faces, the one in front, its scores, the mood, and whether that is news."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from howsitgoing_edge.core.front import FrontFace
from howsitgoing_edge.core.mood import MoodFilter, MoodRules
from howsitgoing_edge.core.news import News
from howsitgoing_edge.core.ports import Classifier, CropTaker, FaceFinder, MouthMeter, StageTimer
from howsitgoing_edge.core.types import Change, Crop, Face, Frame, Mood, Observation, Scores


@dataclass(frozen=True, eq=False)
class Step:
    """What one frame came to."""

    mood: Mood
    change: Change | None
    front: Face | None
    """The face in front, where it is in this frame"""
    crop: Crop | None
    """Its crop; None: nobody, or not fit to be read"""
    scores: Scores | None = None
    """What the network says of the crop"""


class Pipeline:
    """Turns frames into moods and changes. Used by one thread."""

    def __init__(
        self,
        *,
        finder: FaceFinder,
        take_crop: CropTaker,
        classifier: Classifier,
        mouth: MouthMeter,
        mood: MoodFilter,
        news: News,
        timer: StageTimer,
    ) -> None:
        """Joins the parts; nothing is known yet."""
        self._finder = finder
        self._take_crop = take_crop
        self.classifier = classifier
        self._mouth = mouth
        self._mood = mood
        self._news = news
        self._timer = timer
        self._front = FrontFace()
        self._coming: deque[tuple[Classifier, MoodRules]] = deque(maxlen=1)

    def exchange(self, classifier: Classifier, rules: MoodRules) -> None:
        """From the next frame on read by ``classifier``, whose thresholds are in ``rules``; any thread may say so."""
        self._coming.append((classifier, rules))

    def reset(self) -> None:
        """Forget what was: the camera was away, so the next reading is a bearing."""
        self._finder.reset()
        self._front = FrontFace()
        self._mood.reset()
        self._news.reset()

    def step(self, frame: Frame) -> Step:
        """Take one frame all the way."""
        if self._coming:
            self.classifier, rules = self._coming.pop()
            self._mood.follow(rules)
        height, width = frame.image.shape[:2]
        with self._timer.stage("detect"):
            faces = self._finder.find(frame.image, frame.time)
        with self._timer.stage("front"):
            front = self._front.update(faces, width, height, frame.time)
        if front is None:
            seen = Observation(frame.time, len(faces))
            return self._conclude(seen, None, None)
        if front.face is None:
            return self._conclude(Observation(frame.time, len(faces), front.track), None, None)
        with self._timer.stage("crop"):
            crop = self._take_crop(frame.image, front.face)
            mouth = self._mouth.update(crop.image, frame.time, front.track)
        if crop.quality.unfit is not None:
            return self._conclude(Observation(frame.time, len(faces), front.track), front.face, None)
        with self._timer.stage("classify"):
            scores = self.classifier.score(crop.image)
        return self._conclude(Observation(frame.time, len(faces), front.track, scores, mouth), front.face, crop)

    def _conclude(self, seen: Observation, front: Face | None, crop: Crop | None) -> Step:
        with self._timer.stage("decide"):
            mood = self._mood.update(seen)
            return Step(mood, self._news.update(mood), front, crop, seen.scores)
