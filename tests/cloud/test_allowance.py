"""A device gone mad is slowed down, and it alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, Response, request
from support.emulators import Emulators
from support.senders import Sender, sample
from werkzeug.serving import make_server

from howsitgoing_cloud.allowance import REMEMBERED, Allowance
from howsitgoing_cloud.firestore import FirestoreRecords
from howsitgoing_cloud.http import IngestHttp
from howsitgoing_cloud.ingest import Ingest
from howsitgoing_cloud.storage import StorageCrops


class Clock:
    """Seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_a_burst_it_is_so_many_a_minute() -> None:
    """A device that comes back after days may be quick; one that never ends may not."""
    clock = Clock()
    allowance = Allowance(per_minute=30, at_once=100, clock=clock)
    assert [allowance.wait_for("hat-1") for _ in range(100)] == [0] * 100
    assert [allowance.wait_for("hat-1") for _ in range(3)] == [2, 2, 2]
    assert allowance.wait_for("hat-2") == 0
    clock.now = 1.0
    assert allowance.wait_for("hat-1") == 1
    sent = 0
    for second in range(60):
        clock.now = 2.0 + second
        sent += allowance.wait_for("hat-1") == 0
    assert sent == 30


def test_what_was_not_used_adds_up_to_a_burst_and_no_more() -> None:
    """After a quiet week, too."""
    clock = Clock()
    allowance = Allowance(per_minute=60, at_once=10, clock=clock)
    assert [allowance.wait_for("hat-1") for _ in range(10)] == [0] * 10
    clock.now = 7 * 86_400.0
    assert [allowance.wait_for("hat-1") for _ in range(11)] == [0] * 10 + [1]


def test_its_memory_is_bounded() -> None:
    """An instance may live for weeks."""
    allowance = Allowance(per_minute=60, at_once=1)
    for number in range(REMEMBERED + 100):
        assert allowance.wait_for(f"hat-{number}") == 0
    assert len(allowance._buckets) == REMEMBERED
    assert allowance.wait_for(f"hat-{REMEMBERED + 99}") > 0
    assert allowance.wait_for("hat-0") == 0, "forgotten"


@pytest.fixture
def url(cloud: Emulators) -> Iterator[str]:
    """Ingest over HTTP; each device may send two samples, and then one a minute."""
    parts = FirestoreRecords(cloud.documents), StorageCrops(cloud.bucket), Sender().audience, timedelta(days=365)
    answering = IngestHttp(lambda: ingest)
    ingest = Ingest(*parts, Allowance(per_minute=1, at_once=2))
    app = Flask("ingest")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> Response:
        assert path
        return answering(request)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_it_is_answered_with_429_and_when_to_come_again(cloud: Emulators, hat: Sender, url: str) -> None:
    """Nothing is stored, the sample waits on the device; nobody else is slowed down, nor can use it up in its name."""
    other = Sender("hat-2")
    cloud.firestore.document("devices/hat-2").set(other.document())
    assert Sender("hat-1").post(url, sample()).status_code == 401
    assert [hat.post(url, sample()).status_code for _ in range(2)] == [201, 201]
    answer = hat.post(url, sample())
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "application/problem+json")
    assert 50 <= int(answer.headers["Retry-After"]) <= 60
    assert other.post(url, sample()).status_code == 201
    assert len(list(cloud.firestore.collection("samples").list_documents())) == 3
