"""What follows when a sample goes: the function ``on_sample_deleted`` over HTTP, by CloudEvents as Eventarc sends them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support.emulators import PROJECT, Emulators
from support.functions import a_function
from support.senders import Sender, jpeg, sample

from howsitgoing_cloud.documents import DELETED
from howsitgoing_cloud.local.eventarc import delivery
from howsitgoing_cloud.local.processes import Server


@pytest.fixture(scope="module")
def deleting(running_emulators: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with a_function("on_sample_deleted", running_emulators, tmp_path_factory.mktemp("deleting")) as server:
        yield server


def _deleted(server: Server, name: str, content: dict[str, object]) -> int:
    event = delivery(DELETED, PROJECT, f"samples/{name}", content)
    return httpx.post(server.url, content=event.body, headers=event.headers, timeout=30).status_code


def test_a_deleted_sample_takes_its_crop_along(deleting: Server, ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """Firestore deletes what expired by itself; the picture must not outlive it."""
    face = jpeg()
    event = sample(face)
    hat.post(ingest_url, event, face)
    document = cloud.firestore.document(f"samples/{event['id']}")
    content = document.get().to_dict()
    document.delete()
    assert _deleted(deleting, event["id"], content) == 200
    assert list(cloud.bucket.list_blobs()) == []
    assert _deleted(deleting, event["id"], content) == 200, "Eventarc delivers at least once"


def test_no_event_can_delete_anything_but_the_samples_own_crop(deleting: Server, cloud: Emulators) -> None:
    """A document with another path in it must not be a way to delete other objects."""
    cloud.bucket.blob("exports/all.parquet").upload_from_string(b"x")
    other = "faces/hat-1/2026/01/31/019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d5.jpg"
    cloud.bucket.blob(other).upload_from_string(b"x")
    for path in ("exports/all.parquet", "faces/../exports/all.parquet", other):
        assert _deleted(deleting, "019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4", {"image": {"path": path}}) == 200
    assert {blob.name for blob in cloud.bucket.list_blobs()} == {"exports/all.parquet", other}


@pytest.mark.parametrize("body", [b"", b"\xff\xff\xff", b"{}"], ids=["empty", "broken", "json"])
def test_what_is_no_event_of_firestore_is_not_delivered_for_ever(deleting: Server, body: bytes) -> None:
    """A failure would have Eventarc try again for a day."""
    headers = delivery(DELETED, PROJECT, "samples/x", {}).headers
    assert httpx.post(deleting.url, content=body, headers=headers, timeout=30).status_code == 200
