"""Firestore for `ingest`: one read for each question, one commit for a sample and the use of its token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from howsitgoing_cloud.devices import device_of
from howsitgoing_cloud.erasures import consent_erasure, device_erasure
from howsitgoing_cloud.records import Around, Question, Stored, Use
from howsitgoing_cloud.wire import Documents

DEVICES: Final = "devices"
SAMPLES: Final = "samples"
ERASURES: Final = "erasures"
SEEN: Final = "seen"


@dataclass(frozen=True)
class FirestoreRecords:
    """Implements `howsitgoing_cloud.records.Records`."""

    documents: Documents

    def around(self, question: Question) -> Around:
        """All of it in one read."""
        device_id = question.device_id
        device, erased = f"{DEVICES}/{device_id}", f"{ERASURES}/{device_erasure(device_id)}"
        used = f"{SEEN}/{device_id}:{question.jti}" if question.jti else None
        sample = f"{SAMPLES}/{question.sample_id}" if question.sample_id else None
        consent = f"{ERASURES}/{consent_erasure(question.reference)}" if question.reference else None
        found = self.documents.read([path for path in (device, used, sample, sample and erased, consent) if path])
        content, use, erasure = found[device], found.get(used or ""), found.get(erased)
        return Around(
            device=None if content is None else device_of(device_id, content),
            used_by=None if use is None else str(use["request"]),
            stored=_stored(found.get(sample or "")),
            erased_until=None if erasure is None else erasure["until"],
            consent_erased=found.get(consent or "") is not None,
        )

    def used(self, name: str) -> str | None:
        """Which request used the token."""
        found = self.documents.read([f"{SEEN}/{name}"])[f"{SEEN}/{name}"]
        return None if found is None else str(found["request"])

    def use(self, use: Use) -> bool:
        """Remember that the token is used; False if it was before."""
        return self.documents.create({f"{SEEN}/{use.name}": _seen(use)})

    def create(self, sample_id: str, content: dict[str, Any], use: Use) -> bool:
        """Both or neither: the sample, and that the token is used; False if one of them is there."""
        return self.documents.create({f"{SEEN}/{use.name}": _seen(use), f"{SAMPLES}/{sample_id}": content})


def _seen(use: Use) -> dict[str, Any]:
    return {"request": use.request, "expires_at": use.expires_at}


def _stored(content: dict[str, Any] | None) -> Stored | None:
    if content is None:
        return None
    return Stored(content["device_id"], content["digest"], (content["image"] or {}).get("path"))
