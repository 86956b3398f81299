"""The demo clip: what a person without a camera sees first, and what benchmarks measure with."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.scene import EYES, FACE, NOBODY, Portrait, Segment, make_clip, timeline
from support.shared import shared

from howsitgoing_edge.camera.demo import DEMO_CLIP, DEMO_TIMELINE
from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.contract import EMOTIONS
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.settings import CameraSettings


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    source = open_source(CameraSettings(source="demo"), Pace.FAST)
    return list(iter(source.read, None))


def test_the_demo_is_small_and_as_long_as_its_timeline_says(frames: list[Frame]) -> None:
    """It travels with every installation."""
    truth = json.loads(DEMO_TIMELINE.read_text())
    assert DEMO_CLIP.stat().st_size < 1_500_000
    assert frames[0].image.shape == (480, 640, 3)
    assert len(frames) == pytest.approx(truth["segments"][-1]["to"] * truth["fps"], abs=1)
    assert 24 <= frames[-1].time <= 30
    assert {segment["emotion"] for segment in truth["segments"]} >= {"neutral", "happy", "surprise", "sad", "angry"}
    assert all(segment["emotion"] in EMOTIONS for segment in truth["segments"])
    assert all(
        before["to"] == after["from"] and before["emotion"] != after["emotion"] for before, after in pairwise(truth["segments"])
    )


def test_the_face_changes_when_the_timeline_says(frames: list[Frame]) -> None:
    """A latency measured against a wrong label would be worthless."""
    middle = [frame.image[100:350, 180:460] for frame in frames]
    steps = [float(cv2.absdiff(before, after).mean()) for before, after in pairwise(middle)]
    truth = json.loads(DEMO_TIMELINE.read_text())
    for segment in truth["segments"][1:]:
        first = round(segment["from"] * truth["fps"]) - 1  # the step that leads to the segment's first frame
        swaying = steps[first - 2 : first] + steps[first + 3 : first + 5]
        assert min(steps[first : first + 3]) > 1.2 * max(swaying), "three steps of fading between steps of mere swaying"


def test_the_cascade_that_every_opencv_brings_finds_the_face(frames: list[Frame]) -> None:
    """Where YuNet could not be fetched the demo must work as well."""
    finder = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"))
    grays = [cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY) for frame in frames[::10]]
    found = [len(finder.detectMultiScale(gray, 1.2, 5, minSize=(80, 80))) == 1 for gray in grays]
    assert np.mean(found) >= 0.98


@pytest.mark.shared_data
def test_yunet_finds_the_face(frames: list[Frame]) -> None:
    """One face, with confidence, in every sixth frame."""
    file = shared("models/face_detection_yunet_2023mar.onnx")
    finder = cv2.FaceDetectorYN.create(str(file), "", (320, 240), 0.8)
    found = [finder.detect(cv2.resize(frame.image, (320, 240)))[1] for frame in frames[::6]]
    assert all(faces is not None and len(faces) == 1 for faces in found)


def test_clips_can_be_made_of_any_faces() -> None:
    """Benchmarks bring labelled faces of their own."""
    dark = Portrait(np.tile(np.linspace(0, 255, 48, dtype=np.uint8), (48, 1)), np.array([[16, 20], [32, 20]]))
    light = Portrait(np.tile(np.linspace(255, 0, FACE, dtype=np.uint8), (FACE, 1)), np.array(EYES))
    segments = [Segment("happy", 1), Segment(NOBODY, 0.5), Segment("sad", 1)]
    clip = list(make_clip(segments, {"happy": [dark, light], "sad": [light]}, fps=10, swap_every=0.5, motion=0, fade=0.1))
    assert timeline(segments) == [
        {"from": 0.0, "to": 1.0, "emotion": "happy"},
        {"from": 1.0, "to": 1.5, "emotion": NOBODY},
        {"from": 1.5, "to": 2.5, "emotion": "sad"},
    ]
    assert len(clip) == 25
    assert all(frame.shape == (480, 640, 3) and frame.dtype == np.uint8 for frame in clip)
    same = [bool((before == after).all()) for before, after in pairwise(clip)]
    assert [number + 1 for number, still in enumerate(same) if not still] == [5, 10, 15], "another face, nobody, a face again"
    assert (clip[5] == clip[15]).all(), "the same portrait looks the same whatever it is called"
