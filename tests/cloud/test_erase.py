"""What is erased is gone, stays gone, and is remembered as erased; against both emulators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from support.emulators import Emulators
from support.senders import Sender, jpeg, now_rfc3339, sample

from howsitgoing_cloud.erase import Erase, Erased, Target
from howsitgoing_cloud.erasures import erasures_of
from howsitgoing_cloud.housekeeping import FirestoreHousekeeping
from howsitgoing_cloud.storage import StorageCrops
from howsitgoing_cloud.sweep import Sweep

HAT = Target("device", "hat-1")
CONSENT = Target("consent", "C-2026-014")


@pytest.fixture
def erase(cloud: Emulators) -> Erase:
    """Without waiting for requests that are under way: there are none."""
    return Erase(FirestoreHousekeeping(cloud.firestore), StorageCrops(cloud.bucket), lambda _: None, timedelta(0))


def _left(cloud: Emulators) -> tuple[int, int]:
    return len(list(cloud.firestore.collection("samples").list_documents())), len(list(cloud.bucket.list_blobs()))


def _send(url: str, sender: Sender, count: int, **but: object) -> None:
    for shade in range(count):
        face = jpeg(shade=shade)
        assert sender.post(url, sample(face, **but), face).status_code == 201


def _tombstones(cloud: Emulators) -> dict[str, dict[str, object]]:
    return {one.id: one.to_dict() for one in cloud.firestore.collection("erasures").stream()}


def test_all_of_a_device_goes_and_nothing_of_another(ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """The one who asks for it gets all of it, and the neighbour keeps theirs."""
    other = Sender("hat-2")
    cloud.firestore.document("devices/hat-2").set(other.document())
    _send(ingest_url, hat, 3)
    _send(ingest_url, other, 2)
    *_, last = erase(HAT)
    assert (last.samples, last.crops, last.done) == (3, 3, True)
    assert _left(cloud) == (2, 2)
    assert all(blob.name.startswith("faces/hat-2/") for blob in cloud.bucket.list_blobs())


def test_all_of_a_consent_goes_wherever_it_was_given(ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """One person may have been in front of two devices."""
    other = Sender("hat-2")
    cloud.firestore.document("devices/hat-2").set(other.document())
    _send(ingest_url, hat, 2)
    _send(ingest_url, other, 2)
    _send(ingest_url, other, 1, consent={"scope": "faces", "reference": "C-2026-015"})
    *_, last = erase(CONSENT)
    assert (last.samples, last.crops) == (4, 4)
    assert _left(cloud) == (1, 1)


def test_what_was_erased_does_not_come_in_again(ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """The device may still have it in its outbox, and would send it tomorrow."""
    waiting, face = sample(), jpeg()
    list(erase(HAT))
    answer = hat.post(ingest_url, waiting)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent")
    assert hat.post(ingest_url, sample()).status_code == 201, "what it sees afterwards is another matter"
    list(erase(CONSENT))
    answer = hat.post(ingest_url, sample(face), face)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent"), "a consent that was withdrawn is no more"
    assert _left(cloud) == (1, 0)


def test_exports_know_what_was_erased(cloud: Emulators, erase: Erase) -> None:
    """A backup, or an export under way, must not bring it back."""
    before = sample()
    list(erase(HAT))
    list(erase(CONSENT))
    erasures = erasures_of(one.to_dict() for one in cloud.firestore.collection("erasures").stream())
    after = sample() | {"noticed_at": (datetime.now(UTC) + timedelta(minutes=1)).isoformat()}
    moods, faces = {"reference": None}, {"reference": "C-2026-014"}
    assert erasures.hides({"device_id": "hat-1", "event": before, "consent": moods})
    assert not erasures.hides({"device_id": "hat-1", "event": after, "consent": moods})
    assert not erasures.hides({"device_id": "hat-2", "event": before, "consent": moods})
    assert erasures.hides({"device_id": "hat-2", "event": after, "consent": faces})


class _Cut(Exception):  # noqa: N818  a power cut is no error
    pass


class _CutOff(StorageCrops):
    """Storage that is cut off after two crops."""

    def delete(self, path: str, generation: int | None = None) -> bool:
        deleted = super().delete(path, generation)
        if sum(1 for _ in self.below("faces/")) == 2:
            raise _Cut
        return deleted


@pytest.mark.parametrize("target", [HAT, CONSENT], ids=["device", "consent"])
def test_a_run_that_was_cut_off_is_taken_up_again(
    ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase, target: Target
) -> None:
    """A laptop that closes in the middle must not leave half of somebody behind."""
    _send(ingest_url, hat, 4)
    cut_off = Erase(erase.records, _CutOff(cloud.bucket), lambda _: None, timedelta(0))
    with pytest.raises(_Cut):
        list(cut_off(target))
    begun = _tombstones(cloud)[target.tombstone]
    assert begun["done"] is False
    *_, last = erase(target)
    assert (last.samples, last.done) == (4, True)
    assert _left(cloud) == (0, 0)
    assert _tombstones(cloud)[target.tombstone]["until"] == begun["until"], "the same erasure, not another"


def test_an_erasure_of_later_covers_what_came_since(ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """A device that is erased, goes on, and is erased again."""
    list(erase(HAT))
    _send(ingest_url, hat, 2)
    *_, last = erase(HAT)
    assert (last.samples, last.crops) == (2, 2)
    assert _left(cloud) == (0, 0)


def test_what_a_clock_that_is_ahead_wrote_goes_too(ingest_url: str, cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """By its own clock the device will see it in two minutes; it was here before it was erased."""
    ahead = sample(noticed_at=now_rfc3339(-120))
    assert hat.post(ingest_url, ahead).status_code == 201
    stored = cloud.firestore.document(f"samples/{ahead['id']}").get().to_dict()
    *_, last = erase(HAT)
    assert last.samples == 1
    assert _left(cloud) == (0, 0)
    erasures = erasures_of(one.to_dict() for one in cloud.firestore.collection("erasures").stream())
    assert erasures.hides(stored), "a backup of it, too"


def test_the_dashboards_memory_goes_too(cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """The device's document would still say how somebody looked."""
    device = cloud.firestore.document(f"devices/{hat.device_id}")
    for target in (HAT, CONSENT):
        device.update({"pushed": {"consent": "C-2026-014", "values": {"V2": "looks happy"}}})
        list(erase(target))
        assert device.get().to_dict()["pushed"] is None


def test_it_looks_again_after_requests_under_way_have_ended(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """A request that had not seen the tombstone may store its sample just after the first look."""
    waited: list[datetime] = []

    def meanwhile(until: datetime) -> None:
        waited.append(until)
        late = sample() | {"noticed_at": "2026-01-31T12:00:00.000Z"}
        cloud.firestore.document(f"samples/{late['id']}").set(
            {"device_id": "hat-1", "event": late, "image": None, "consent": late["consent"]}
        )

    _send(ingest_url, hat, 1)
    *_, last = Erase(FirestoreHousekeeping(cloud.firestore), StorageCrops(cloud.bucket), meanwhile)(HAT)
    assert last.samples == 2
    assert _left(cloud) == (0, 0)
    assert waited[0] - last.until == timedelta(seconds=20)


def _later(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def _swept(cloud: Emulators, now: datetime) -> tuple[int, int]:
    steps = list(Sweep(FirestoreHousekeeping(cloud.firestore), StorageCrops(cloud.bucket), lambda: now)())
    return steps[-1].orphans, steps[-1].expired


def test_a_crop_whose_document_never_came_is_swept_away(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """A function that dies between the two leaves a face that no list shows."""
    _send(ingest_url, hat, 2)
    StorageCrops(cloud.bucket).create("faces/hat-1/2026/01/31/019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d5.jpg", jpeg(), "ab" * 32)
    assert _swept(cloud, _later(0.5))[0] == 0, "it may still get its document"
    assert _swept(cloud, _later(2))[0] == 1
    assert _left(cloud) == (2, 2)


def test_what_has_expired_is_swept_away(ingest_url: str, cloud: Emulators, hat: Sender) -> None:
    """The emulator has no TTL, and the service takes up to a day."""
    _send(ingest_url, hat, 2)
    assert _swept(cloud, _later(1 / 6)) == (0, 2), "the uses of their tokens"
    assert _swept(cloud, _later(24 * 366)) == (2, 2)
    assert _left(cloud) == (0, 0)


def _erasing(steps: Iterator[Erased]) -> list[int]:
    return [step.samples for step in steps]


def test_progress_is_told_page_by_page(cloud: Emulators, hat: Sender, erase: Erase) -> None:
    """Ten thousand samples take minutes; somebody is watching."""
    batch = cloud.firestore.batch()
    for _ in range(450):
        event = sample()
        content = {"device_id": hat.device_id, "event": event, "image": None, "consent": event["consent"]}
        batch.set(cloud.firestore.document(f"samples/{event['id']}"), content)
    batch.commit()
    assert _erasing(erase(HAT)) == [0, 200, 400, 450, 450]
