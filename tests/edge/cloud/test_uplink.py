"""The uplink as the agent has it: what it tells of itself, and that a change becomes exactly what was seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.receiver import Receiver
from support.waiting import until
from uuid_utils import uuid7

from howsitgoing_edge.cloud import sharing
from howsitgoing_edge.cloud.assembly import make_uplink
from howsitgoing_edge.cloud.drafts import Sight
from howsitgoing_edge.cloud.identity import make_key, public_key
from howsitgoing_edge.cloud.uplink import Hands, Uplink
from howsitgoing_edge.contract import EMOTIONS, Model, Mood, MoodChange
from howsitgoing_edge.core.types import Box, Face
from howsitgoing_edge.core.types import Mood as CoreMood
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.runtime.worker import SinkWorker
from howsitgoing_edge.settings import CloudSettings
from howsitgoing_edge.vision.picture import cut_face, sample_jpeg

MODEL = Model("emotion-1", "9f" * 32)
AT = "2026-01-31T12:00:00.250Z"
FACE = Face(Box(200, 120, 200, 240), 0.9)
Start = Callable[..., Uplink]


def _hands() -> Hands:
    return Hands(
        queue=lambda collector: SinkWorker(collector, 32),
        cut=cut_face,
        encode=sample_jpeg,
        quick=Backoff(0.02, 0.02),
        slow=Backoff(0.02, 0.02),
        as_message=lambda mood: Mood(mood.emotion, mood.confidence, {}, 0, 1, AT, AT),
        model=lambda: MODEL,
    )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Receiver]:
    """Lets the device in."""
    with Receiver("hat-1", public_key(make_key(tmp_path))) as receiver:
        yield receiver


@pytest.fixture
def start(tmp_path: Path, cloud: Receiver) -> Iterator[Start]:
    """Starts uplinks as the agent does, with shorter pauses."""
    with ExitStack() as running:

        def begin(share: str = "faces", **settings: Any) -> Uplink:  # noqa: ANN401  of CloudSettings
            configured = CloudSettings.model_validate({"share": share, "url": cloud.url, "consent": "C-7"} | settings)
            uplink = make_uplink(configured, tmp_path, "hat-1", _hands())
            assert uplink is not None
            running.callback(uplink.close)
            uplink.start()
            return uplink

        yield begin


def _change(uplink: Uplink, emotion: str = "happy") -> MoodChange:
    """As after a frame of noise with a bright face in it."""
    image = np.full((480, 640, 3), 40, np.uint8)
    image[120:360, 200:400] = 200
    scores = dict.fromkeys(EMOTIONS, 1 / 7)
    change = MoodChange(str(uuid7()), "neutral", emotion, 0.9, scores, AT, AT, 4, MODEL)
    uplink.offer(change)
    uplink.look(Sight(image, CoreMood(emotion, 0.9, (1 / 7,) * 7, 1, 0.0, 0.0, 4), FACE, 0.91))
    image[:] = 0  # a camera may use the same memory for the next frame
    return change


def test_a_change_arrives_as_it_was_with_the_face_as_it_was(cloud: Receiver, start: Start) -> None:
    """The event's own id, so that broker and cloud speak of the same thing; the face with some surroundings."""
    uplink = start()
    change = _change(uplink)
    stored = until(lambda: cloud.stored.get(change.id))
    assert stored is not None
    sample = stored.sample
    assert (sample.reason, sample.previous, sample.emotion, sample.track) == ("change", "neutral", "happy", 4)
    assert (sample.changed_at, sample.readable, sample.model) == (AT, 0.91, MODEL)
    assert (sample.consent.scope, sample.consent.reference) == ("faces", "C-7")
    assert stored.face is not None
    assert sample.face is not None
    assert sample.face.sha256 == hashlib.sha256(stored.face).hexdigest()
    picture = cv2.imdecode(np.frombuffer(stored.face, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert (sample.face.width, sample.face.height) == (picture.shape[1], picture.shape[0]) == (133, 160)
    assert picture[80, 66].mean() == pytest.approx(200, abs=5)
    assert picture[3, 3].mean() == pytest.approx(40, abs=5)


def test_moods_alone_are_sent_without_a_picture(cloud: Receiver, start: Start) -> None:
    """And without a consent's number: there is none to be named."""
    uplink = start("moods")
    change = _change(uplink)
    stored = until(lambda: cloud.stored.get(change.id))
    assert stored is not None
    assert (stored.face, stored.sample.face, stored.sample.consent.reference) == (None, None, None)


def test_one_start_is_one_session(cloud: Receiver, start: Start) -> None:
    """By it and the track the pictures of one face are kept together, or apart."""
    first = start()
    _change(first)
    _change(first)
    _change(start())
    until(lambda: len(cloud.stored) == 3)
    assert len({stored.sample.session for stored in cloud.stored.values()}) == 2


def test_its_state_is_what_people_need_to_know(cloud: Receiver, start: Start, tmp_path: Path) -> None:
    """ok; waiting: it mends itself; refused: somebody must act, and the sentence says what; off: nothing is sent."""
    uplink = start()
    assert (uplink.state, uplink.problems, uplink.waiting, uplink.sentence) == ("ok", (), 0, "faces, 0 waiting")
    cloud.always = "503"
    _change(uplink)
    until(lambda: uplink.state == "waiting")
    assert uplink.problems[0].startswith("nothing reaches the cloud: the cloud has a bad time (planned 503)")
    assert uplink.waiting == 1
    assert uplink.sentence == "faces, 1 waiting"
    cloud.always = None
    until(lambda: uplink.state == "ok")
    assert uplink.waiting == 0
    assert re.fullmatch(r"faces, 0 waiting, last sent \d\d:\d\d:\d\d", uplink.sentence)
    cloud.revoked.add("hat-1")
    _change(uplink)
    until(lambda: uplink.state == "refused")
    assert "has revoked hat-1" in uplink.problems[0]
    cloud.revoked.clear()
    until(lambda: uplink.state == "ok")
    cloud.next("413")
    _change(uplink)
    until(lambda: uplink.state == "refused")
    assert uplink.waiting == 0
    assert uplink.problems == ("the cloud did not want 1 sample (planned 413): 'howsitgoing cloud status' shows more",)
    sharing.stop(tmp_path)
    assert (uplink.state, uplink.problems, uplink.sentence) == ("off", (), "off")


def test_what_was_given_up_is_counted(cloud: Receiver, start: Start) -> None:
    """A dataset with a hole in it should at least know of it."""
    cloud.always = "503"
    uplink = start(outbox_mb=1)
    uplink._outbox._limits = uplink._outbox._limits.__class__(4000)
    for _ in range(6):
        _change(uplink)
    until(lambda: uplink.dropped)
    until(lambda: uplink.pictures_given_up)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broken_sender_is_told_and_takes_nobody_with_it(
    cloud: Receiver, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours must not look like a quiet day."""
    uplink = start()
    monkeypatch.setattr(uplink._sender, "_send", lambda _parcel: 1 / 0)
    _change(uplink)
    until(lambda: uplink.state == "refused")
    assert "the uplink broke" in uplink.problems[0]
    _change(uplink)
    until(lambda: uplink.waiting == 2)
    assert cloud.stored == {}


def test_who_switched_it_off_in_the_settings_is_told_what_is_left(
    cloud: Receiver, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is sent, but faces may still lie on the card."""
    cloud.always = "503"
    uplink = start()
    _change(uplink)
    until(lambda: uplink.waiting == 1)
    uplink.close()
    caplog.clear()
    with caplog.at_level("INFO"):
        assert make_uplink(CloudSettings(), tmp_path, "hat-1", _hands()) is None
    assert [record.getMessage() for record in caplog.records if "still on this device" in record.getMessage()] == [
        "still on this device for the cloud: 1 sample; 'howsitgoing cloud erase-waiting' erases them"
    ]
