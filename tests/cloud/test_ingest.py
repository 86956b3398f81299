"""What is right is stored, once: functions-framework over HTTP, with the Firestore and Storage emulators."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
from support.emulators import BUCKET, Emulators
from support.senders import Sender, jpeg, sample


def _paths(cloud: Emulators) -> list[str]:
    return [blob.name for blob in cloud.bucket.list_blobs()]


def _samples(cloud: Emulators) -> list[str]:
    return [document.id for document in cloud.firestore.collection("samples").list_documents()]


def test_a_sample_and_its_crop_are_stored_as_described(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """Exports, labels and erasure all stand on the form of this document."""
    face = jpeg()
    event = sample(face)
    answer = hat.post(ingest_url, event, face)
    assert (answer.status_code, answer.json()) == (201, {"id": event["id"]})
    stored = cloud.firestore.document(f"samples/{event['id']}").get().to_dict()
    day = datetime.now(UTC).strftime("%Y/%m/%d")
    path = f"faces/hat-1/{day}/{event['id']}.jpg"
    sha256 = hashlib.sha256(face).hexdigest()
    assert stored["image"] == {"bucket": BUCKET, "path": path, "sha256": sha256, "width": 112, "height": 112}
    assert stored["label"] == {"value": None, "source": "none", "by": None, "at": None}
    assert stored["consent"] == {"scope": "faces", "reference": "C-2026-014"}
    assert stored["device_id"] == "hat-1"
    assert stored["event"] == event | {"face": None}
    assert stored["expires_at"] - stored["received_at"] == timedelta(days=365)
    blob = cloud.bucket.get_blob(path)
    assert blob.download_as_bytes() == face
    assert blob.content_type == "image/jpeg"


def test_moods_alone_bring_no_picture(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """Who agreed to moods only has no face anywhere."""
    event = sample()
    assert hat.post(ingest_url, event).status_code == 201
    assert cloud.firestore.document(f"samples/{event['id']}").get().to_dict()["image"] is None
    assert _paths(cloud) == []


def test_what_comes_again_is_answered_with_200_and_stored_once(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """A device whose answer was lost sends again; it must hear that all is well."""
    face = jpeg()
    event = sample(face)
    assert [hat.post(ingest_url, event, face).status_code for _ in range(3)] == [201, 200, 200]
    assert _samples(cloud) == [event["id"]]
    assert len(_paths(cloud)) == 1


def test_the_same_id_with_other_content_is_a_conflict(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """What is stored never changes by what comes later."""
    event = sample()
    hat.post(ingest_url, event)
    answer = hat.post(ingest_url, event | {"emotion": "sad"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert cloud.firestore.document(f"samples/{event['id']}").get().to_dict()["event"]["emotion"] == "happy"


def test_another_device_cannot_claim_an_id(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """Otherwise a device could learn what another one sent."""
    other = Sender("hat-2")
    cloud.firestore.document("devices/hat-2").set(other.document())
    event = sample()
    assert hat.post(ingest_url, event).status_code == 201
    assert other.post(ingest_url, event).status_code == 409


def test_copies_that_race_are_stored_once(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """A device that times out and sends again may meet its own first request."""
    for _ in range(5):
        face = jpeg()
        event = sample(face)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: hat.post(ingest_url, event, face), range(8)))  # noqa: B023  it ends inside
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] * 7 + [201], [answer.text for answer in answers]
        blob = cloud.bucket.get_blob(cloud.firestore.document(f"samples/{event['id']}").get().to_dict()["image"]["path"])
        assert blob.download_as_bytes() == face
    assert len(_samples(cloud)) == len(_paths(cloud)) == 5


def test_of_different_samples_that_race_for_an_id_one_wins_and_leaves_nothing_of_the_others(
    ingest_url: str, cloud: Emulators, hat: Sender
) -> None:
    """A picture without a document would be one that nobody can erase."""
    face = jpeg()
    for _ in range(5):
        event = sample(face)
        bare = event | {"face": None}
        with ThreadPoolExecutor(8) as pool:
            tries = [(event, face), (bare, None)] * 4
            codes = sorted(pool.map(lambda given: hat.post(ingest_url, *given).status_code, tries))
        assert codes == [200] * 3 + [201] + [409] * 4
        image = cloud.firestore.document(f"samples/{event['id']}").get().to_dict()["image"]
        mine = [path for path in _paths(cloud) if event["id"] in path]
        assert mine == ([] if image is None else [image["path"]])


def test_a_device_hears_what_the_cloud_knows_of_it(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """'howsitgoing cloud join' shows it, so that a wrong consent is seen before anything is sent."""
    cloud.firestore.document("devices/hat-1").update({"consent": {"scope": "moods", "references": ["C-1"]}})
    answer = httpx.get(f"{ingest_url}/v1/device", headers={"Authorization": f"Bearer {hat.token()}"})
    known = answer.json()
    assert answer.status_code == 200
    assert known | {"server_time": ""} == {
        "device_id": "hat-1",
        "revoked": False,
        "consent": {"scope": "moods", "references": ["C-1"]},
        "server_time": "",
    }
    assert abs(datetime.fromisoformat(known["server_time"]) - datetime.now(UTC)) < timedelta(seconds=30)


def test_a_revoked_device_hears_that_it_is(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """It can say so, instead of trying for ever."""
    cloud.firestore.document("devices/hat-1").update({"revoked_at": datetime.now(UTC)})
    answer = httpx.get(f"{ingest_url}/v1/device", headers={"Authorization": f"Bearer {hat.token()}"})
    assert (answer.status_code, answer.json()["revoked"]) == (200, True)


def test_health_needs_no_token(ingest_url: str) -> None:
    """Uptime checks have none."""
    answer = httpx.get(f"{ingest_url}/v1/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
