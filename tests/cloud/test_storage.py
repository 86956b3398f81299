"""Crops are written once. The emulator ignores if_generation_match, so a proxy before it refuses as the service would."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from support.emulators import BUCKET, PROJECT, Emulators
from support.senders import Sender, jpeg
from support.senders import sample as plain_sample
from support.strict_storage import StrictStorage, strict_storage

from howsitgoing_cloud._contract import Sample
from howsitgoing_cloud.allowance import Allowance
from howsitgoing_cloud.errors import TransientError
from howsitgoing_cloud.firestore import FirestoreRecords
from howsitgoing_cloud.ingest import Ingest
from howsitgoing_cloud.ingest import Sender as Known
from howsitgoing_cloud.problems import Refused
from howsitgoing_cloud.samples import crop_path
from howsitgoing_cloud.storage import StorageCrops
from howsitgoing_cloud.tokens import claimed

PATH = "faces/hat-1/2026/01/31/019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4.jpg"


@pytest.fixture
def strict(cloud: Emulators) -> Iterator[StrictStorage]:
    with strict_storage(cloud.storage_server.url) as server:
        yield server


@pytest.fixture
def crops(strict: StrictStorage) -> StorageCrops:
    client = storage.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": strict.url})
    return StorageCrops(client.bucket(BUCKET))


@pytest.fixture
def ingest(cloud: Emulators, crops: StorageCrops, hat: Sender) -> Ingest:
    return Ingest(FirestoreRecords(cloud.documents), crops, hat.audience, timedelta(days=365), Allowance(60))


def _take(ingest: Ingest, hat: Sender, event: dict[str, Any], face: bytes) -> bool:
    body = b"whatever was signed"
    sample = Sample.from_dict(event)
    known: Known = ingest.sender(claimed(f"Bearer {hat.token(body)}"), hashlib.sha256(body).hexdigest(), sample)
    return ingest.take(known, sample, face)


def _event(face: bytes) -> dict[str, Any]:
    return plain_sample(face)


def test_what_is_there_is_not_written_over(crops: StorageCrops, strict: StrictStorage) -> None:
    """Two copies of a request race; the document speaks of one picture only."""
    first = crops.create(PATH, b"one", "a" * 64)
    assert first
    assert crops.create(PATH, b"two", "b" * 64) is None
    assert strict.refused == 1
    found = crops.find(PATH)
    assert found is not None
    assert (found.sha256, found.generation) == ("a" * 64, first)
    second = crops.create(PATH, b"two", "b" * 64, instead_of=first)
    assert second
    assert second != first


def test_what_was_written_anew_meanwhile_is_not_deleted(crops: StorageCrops) -> None:
    """A sweep that found an orphan must not take the picture of the try that has just repaired it."""
    first = crops.create(PATH, b"one", "a" * 64)
    assert first
    second = crops.create(PATH, b"one", "a" * 64, instead_of=first)
    assert not crops.delete(PATH, first)
    assert crops.delete(PATH, second)
    assert not crops.delete(PATH), "it is gone, which is no fault"
    assert crops.find(PATH) is None


def test_an_upload_whose_answer_was_lost_is_known_by_its_hash(
    ingest: Ingest, crops: StorageCrops, strict: StrictStorage, hat: Sender
) -> None:
    """The client tries again and is refused: what lies there is its own."""
    face = jpeg()
    event = _event(face)
    strict.unanswered = 1
    assert _take(ingest, hat, event, face)
    assert strict.refused == 1
    found = crops.find(crop_path("hat-1", Sample.from_dict(event)))
    assert found is not None
    assert found.sha256 == hashlib.sha256(face).hexdigest()


def test_a_crop_that_a_crash_left_behind_is_taken_over_by_the_next_try(
    ingest: Ingest, crops: StorageCrops, cloud: Emulators, hat: Sender
) -> None:
    """The function died between the crop and its document; the device sends again, to another instance, much later."""
    face = jpeg()
    event = _event(face)
    path = crop_path("hat-1", Sample.from_dict(event))
    left = crops.create(path, b"of another content", "a" * 64)
    with pytest.raises(TransientError, match="just now"):
        _take(ingest, hat, event, face)
    later = replace(ingest, now=lambda: datetime.now(UTC) + timedelta(minutes=3))
    assert _take(later, hat, event, face)
    found = crops.find(path)
    assert found is not None
    assert found.generation != left
    assert found.sha256 == cloud.firestore.document(f"samples/{event['id']}").get().to_dict()["image"]["sha256"]


def test_one_that_loses_the_race_takes_its_crop_away(
    ingest: Ingest, crops: StorageCrops, cloud: Emulators, hat: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The winner has the same id and no picture: what the loser wrote would belong to nobody."""
    face = jpeg()
    event = _event(face)
    put = StorageCrops.create

    def meanwhile(self: StorageCrops, *given: Any, **named: Any) -> int | None:  # noqa: ANN401  passed on
        generation = put(self, *given, **named)
        winner = {"device_id": "hat-1", "digest": "another", "image": None}
        cloud.firestore.document(f"samples/{event['id']}").set(winner)
        return generation

    monkeypatch.setattr(StorageCrops, "create", meanwhile)
    with pytest.raises(Refused) as caught:
        _take(ingest, hat, event, face)
    assert caught.value.problem.status == 409
    assert list(crops.below("faces/")) == []


@pytest.mark.parametrize("status", [500, 503])
def test_storage_that_stumbles_is_tried_again(ingest: Ingest, strict: StrictStorage, hat: Sender, status: int) -> None:
    """One failure in a thousand requests should cost no device a round."""
    face = jpeg()
    strict.failures = [status]
    assert _take(ingest, hat, _event(face), face)


def test_storage_that_is_away_is_transient(ingest: Ingest, strict: StrictStorage, hat: Sender, cloud: Emulators) -> None:
    """The device keeps the sample, and no document says that there is a picture."""
    face = jpeg()
    strict.failures = [503] * 100
    with pytest.raises(TransientError):
        _take(ingest, hat, _event(face), face)
    assert list(cloud.firestore.collection("samples").list_documents()) == []


def test_a_request_that_took_too_long_is_not_committed(ingest: Ingest, hat: Sender, cloud: Emulators) -> None:
    """An erasure may have ended meanwhile: it waits just so long for those under way."""
    clock = iter((0.0, 10.1))
    slow = replace(ingest, monotonic=lambda: next(clock))
    face = jpeg()
    with pytest.raises(TransientError, match="too slow"):
        _take(slow, hat, _event(face), face)
    assert list(cloud.firestore.collection("samples").list_documents()) == []
