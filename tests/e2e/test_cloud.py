"""From the demo's face to a document and a picture in the cloud, if and only if that was agreed to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from support import demo
from support.commands import howsitgoing
from support.emulators import Emulators, emulators
from support.functions import ingest
from support.senders import Sender
from support.waiting import until

from howsitgoing_edge.cloud.identity import make_key
from howsitgoing_edge.contract import Health, Info, MoodChange, Sample

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.conftest import StartAgent
    from support.mosquitto import Mosquitto
    from support.subscriber import Subscriber

    from howsitgoing_cloud.local.processes import Server

DEVICE = "e2e"
pytestmark = pytest.mark.timeout(240)  # a demo at its own pace, after emulators that take their time


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Emulators]:
    """Firestore and Storage."""
    with emulators(tmp_path / "emulators") as running:
        yield running


@pytest.fixture
def functions(cloud: Emulators, tmp_path: Path) -> Iterator[Server]:
    """The function that devices talk to."""
    with ingest(cloud, tmp_path / "ingest") as server:
        yield server


@pytest.fixture
def shared(cloud: Emulators, functions: Server, own_home: Path) -> dict[str, str]:
    """The environment of an agent that shares faces, registered with the cloud."""
    device = Sender(DEVICE, key=make_key(own_home / ".local/state/howsitgoing"))
    consent = {"scope": "faces", "references": ["C-7"]}
    cloud.firestore.document(f"devices/{DEVICE}").set(device.document(consent=consent))
    return {
        "HOWSITGOING_DEVICE__ID": DEVICE,
        "HOWSITGOING_CLOUD__SHARE": "faces",
        "HOWSITGOING_CLOUD__CONSENT": "C-7",
        "HOWSITGOING_CLOUD__URL": functions.url,
        "HOWSITGOING_CLOUD__AUDIENCE": device.audience,
        "HOWSITGOING_CLOUD__RANDOM_PER_HOUR": "60",
        "HOWSITGOING_HEALTH__EVERY": "1",
    }


def _documents(cloud: Emulators) -> dict[str, dict[str, object]]:
    return {document.id: document.to_dict() for document in cloud.firestore.collection("samples").stream()}


def test_each_change_of_the_face_is_a_document_with_its_picture(
    cloud: Emulators, shared: dict[str, str], broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Everything real but the person: the events that the broker heard are the documents, and each crop is a face."""
    agent = start("--source", "demo", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}", environment=shared)
    wanted = len(demo.changes())
    listener.wait_for(lambda heard: len([m for m in heard if m.topic.endswith("/event")]) >= wanted, 60)
    events = {event.id: event for event in (MoodChange.from_json(m.payload) for m in listener.on("event"))}
    stored = until(lambda: found if set(events) <= set(found := _documents(cloud)) else None, 20)
    assert agent.end() == 0, agent.log
    assert "uplink" in Info.from_json(listener.on("info")[-1].payload).features
    assert Health.from_json(listener.on("health")[-1].payload).uplink == "ok"
    for name, document in stored.items():
        sample = Sample.from_json(json.dumps(document["event"]))
        assert sample.reason == ("change" if name in events else sample.reason)
        assert sample.consent.reference == "C-7"
        if name in events:
            assert (sample.emotion, sample.changed_at) == (events[name].emotion, events[name].changed_at)
        _check_picture(cloud, document["image"])


def _check_picture(cloud: Emulators, image: object) -> None:
    assert isinstance(image, dict)
    jpeg = cloud.bucket.blob(image["path"]).download_as_bytes()
    assert hashlib.sha256(jpeg).hexdigest() == image["sha256"]
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert (picture.shape[1], picture.shape[0]) == (image["width"], image["height"])
    assert max(picture.shape) == 160
    faces = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml").detectMultiScale(picture, 1.05)
    assert len(faces) >= 1, "whoever labels it must see a face"
    assert b"Exif" not in jpeg


def test_what_happens_while_the_cloud_is_away_is_there_afterwards_also_over_a_restart_of_the_device(
    cloud: Emulators, functions: Server, shared: dict[str, str], start: StartAgent, film: Path
) -> None:
    """A day without network is no hole in the dataset."""
    functions.stop()
    words = ("--source", str(film), "--speech", "off", "--mqtt", "off", "--until-end", "--fast")
    agent = start(*words, environment=shared)
    assert agent.wait() == 0, agent.log
    assert "cannot be reached" in agent.log
    status = json.loads(howsitgoing("cloud", "status", "--json", "--offline", environment=shared).stdout)
    assert status["contents"]["waiting"] >= len(demo.FIRST)
    functions.start()
    start("--source", "demo", "--speech", "off", "--mqtt", "off", environment=shared)
    until(lambda: len(_documents(cloud)) >= status["contents"]["waiting"], 30)


def test_taking_it_back_stops_a_running_agent_at_once(
    cloud: Emulators, shared: dict[str, str], broker: Mosquitto, listener: Subscriber, start: StartAgent
) -> None:
    """Nobody should have to find out how to restart a service before their face stops being sent."""
    agent = start("--source", "demo", "--speech", "off", "--mqtt", f"127.0.0.1:{broker.port}", environment=shared)
    until(lambda: _documents(cloud), 40)
    done = howsitgoing("cloud", "share", "nothing", environment=shared | {"HOWSITGOING_CLOUD__SHARE": None})
    assert done.returncode == 0, done.stderr
    listener.wait_for(lambda heard: [m for m in heard if m.topic.endswith("/health") and m.json["uplink"] == "off"], 20)
    there = set(_documents(cloud))
    events = len(listener.on("event"))
    listener.wait_for(lambda heard: len([m for m in heard if m.topic.endswith("/event")]) >= events + 2, 40)
    assert set(_documents(cloud)) == there
    assert agent.end() == 0, agent.log
