"""Takes one sample in: each event once, also when two copies race, and its crop before its document."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from howsitgoing_cloud import problems
from howsitgoing_cloud._contract import Sample, from_rfc3339
from howsitgoing_cloud.allowance import Allowance
from howsitgoing_cloud.devices import Device
from howsitgoing_cloud.errors import QuotaError, TransientError
from howsitgoing_cloud.jpeg import check_face
from howsitgoing_cloud.problems import Refused
from howsitgoing_cloud.records import Around, Crops, Question, Records, Use
from howsitgoing_cloud.samples import check_consent, check_time, crop_path, digest, document
from howsitgoing_cloud.tokens import Claimed, verified

log = logging.getLogger(__name__)

COMMIT_WITHIN_S: Final = 10.0
"""A sample is committed so soon after the erasures were read, or not at all; so an erasure knows when it has seen all."""
IN_FLIGHT: Final = timedelta(minutes=2)
"""A crop without a document that is younger may belong to a request that is under way."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sender:
    """A device whose token was right."""

    device: Device
    use: Use
    around: Around
    started: float
    """On the steady clock, before anything was read"""


@dataclass(frozen=True)
class Ingest:
    """The use case; its ports are Firestore and Storage."""

    records: Records
    crops: Crops
    audience: str
    retention: timedelta
    allowance: Allowance
    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic

    def sender(self, given: Claimed, body_sha256: str, sample: Sample | None = None) -> Sender:
        """Who sends this; with the sample that it brings, what stands around that is read at once.

        Raises:
            Refused: unknown, or the token is wrong or was used before.
        """
        started = self.monotonic()
        asked = None if sample is None else sample.id, None if sample is None else sample.consent.reference
        around = self.records.around(Question(given.device_id, given.jti, *asked))
        device = around.device
        if device is None:
            raise Refused(problems.UNKNOWN_DEVICE, f"register it: howsitgoing-cloud devices add {given.device_id}")
        token = verified(given, device.public_key, self.audience, body_sha256, self.now())
        if around.used_by is not None:
            raise Refused(problems.REPLAYED, "make a new token for each request")
        forget_at = datetime.fromtimestamp(token.forget_at, UTC)
        return Sender(device, Use(token.device_id, token.jti, forget_at, uuid.uuid4().hex), around, started)

    def spend(self, use: Use) -> None:
        """Use up the token of a request that stores nothing.

        Raises:
            Refused: somebody was faster.
        """
        if not self.records.use(use) and self.records.used(use.name) != use.request:
            raise Refused(problems.REPLAYED, "make a new token for each request")

    def take(self, sender: Sender, sample: Sample, face: bytes | None) -> bool:
        """Store the sample that `sender` was asked with; whether it is new.

        Raises:
            Refused: the device is revoked, the sample does not fit, nobody agreed to it, or its id is another's.
            QuotaError: this device sends too much.
            TransientError: Firestore or Storage cannot just now.
        """
        device, around = sender.device, sender.around
        if device.revoked_at is not None:
            raise Refused(problems.REVOKED, "it was revoked; register it anew with a new key")
        wait = self.allowance.wait_for(device.device_id)  # not before: others must not use it up in its name
        if wait:
            raise QuotaError("this device sends more than it may", retry_after_s=wait)
        now = self.now()
        check_time(sample, now, self.retention)
        check_consent(sample, device)
        self._check_picture(sample, face)
        _check_erasures(sample, around)
        if around.stored is not None:
            self.spend(sender.use)
            return self._as_before(sample, device, around)
        generation = self._put(sample, device, face)
        if self.monotonic() - sender.started > COMMIT_WITHIN_S:
            raise TransientError("too slow to be sure that nothing was erased meanwhile", retry_after_s=5)
        content = document(sample, device.device_id, self.crops.bucket, now, self.retention)
        if self.records.create(sample.id, content, sender.use):
            return True
        return self._lost_race(sample, sender, generation)

    def _check_picture(self, sample: Sample, face: bytes | None) -> None:
        if (sample.face is None) != (face is None):
            raise Refused(problems.BAD_FACE, "a part 'face' comes if, and only if, event.face is there")
        if sample.face is not None and face is not None:
            check_face(face, sample.face)

    def _put(self, sample: Sample, device: Device, face: bytes | None) -> int | None:
        """Write the crop; its generation if it is ours alone."""
        if face is None or sample.face is None:
            return None
        path = crop_path(device.device_id, sample)
        sha256 = sample.face.sha256
        generation = self.crops.create(path, face, sha256)
        if generation is not None:
            return generation
        there = self.crops.find(path)
        young = there is not None and self.now() - there.created_at < IN_FLIGHT
        if young and there is not None and there.sha256 == sha256:
            return None  # of a copy that is just now coming in
        if young:
            raise TransientError("another crop of this id is just now coming in", retry_after_s=IN_FLIGHT.seconds)
        # What is left of an earlier try is written anew, so that a sweep which has just found it lets it be.
        generation = self.crops.create(path, face, sha256, instead_of=0 if there is None else there.generation)
        if generation is None:
            raise TransientError("another crop of this id is just now coming in", retry_after_s=IN_FLIGHT.seconds)
        return generation

    def _lost_race(self, sample: Sample, sender: Sender, generation: int | None) -> bool:
        """The commit found something there: a copy was faster, the token was used, or it was our own, tried again."""
        device_id = sender.device.device_id
        around = self.records.around(Question(device_id, sender.use.jti, sample.id))
        if around.used_by == sender.use.request and around.stored is not None:
            return True
        path = crop_path(device_id, sample)
        if generation is not None and (around.stored is None or around.stored.image_path != path):
            self.crops.delete(path, generation)
        if around.used_by is not None:
            raise Refused(problems.REPLAYED, "make a new token for each request")
        if around.stored is None:
            raise TransientError("it was there, and is gone again", retry_after_s=1)
        self.spend(sender.use)
        return self._as_before(sample, sender.device, around)

    def _as_before(self, sample: Sample, device: Device, around: Around) -> bool:
        stored = around.stored
        if stored is None or stored.digest != digest(sample) or stored.device_id != device.device_id:
            raise Refused(problems.CONFLICT, f"{sample.id} is stored already, with other content")
        return False


def _check_erasures(sample: Sample, around: Around) -> None:
    if around.consent_erased:
        raise Refused(problems.CONSENT, f"the consent {sample.consent.reference} was withdrawn, and all of it erased")
    if around.erased_until is not None and from_rfc3339(sample.noticed_at) <= around.erased_until:
        raise Refused(problems.CONSENT, "what this device saw until then was erased")


def known_of(device: Device, now: datetime) -> dict[str, Any]:
    """What a device is told of itself."""
    return {
        "device_id": device.device_id,
        "revoked": device.revoked_at is not None,
        "consent": None if device.consent is None else device.consent.to_dict(),
        "server_time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
