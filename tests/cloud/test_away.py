"""Firestore or Storage are away: the device hears when to come again, soon enough not to give up itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from support.emulators import Emulators
from support.functions import ingest
from support.senders import Sender, jpeg, sample

from howsitgoing_cloud.local.processes import Server, free_port


@pytest.fixture(params=["FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"])
def without(request: pytest.FixtureRequest, cloud: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A function that finds nobody at one of the two addresses."""
    nobody = f"127.0.0.1:{free_port()}"
    address = nobody if "FIRESTORE" in request.param else f"http://{nobody}"
    with ingest(cloud, tmp_path_factory.mktemp("away"), **{request.param: address}) as server:
        yield server


def test_the_device_is_told_to_come_again(without: Server, cloud: Emulators, hat: Sender) -> None:
    """It gives a request half a minute; and nothing half is left behind."""
    face = jpeg()
    event = sample(face)
    started = time.monotonic()
    answer = hat.post(without.url, event, face)
    assert time.monotonic() - started < 20
    assert (answer.status_code, answer.json()["code"]) == (503, "later")
    assert int(answer.headers["Retry-After"]) > 0
    assert httpx.get(f"{without.url}/v1/health").status_code == 200
    assert not cloud.firestore.document(f"samples/{event['id']}").get().exists
    assert list(cloud.bucket.list_blobs()) == []
