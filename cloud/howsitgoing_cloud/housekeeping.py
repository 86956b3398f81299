"""Firestore for `erase` and `sweep`: pages of documents, deleted a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.cloud.firestore import Client, FieldFilter

from howsitgoing_cloud.erase import Erased, Found, Target
from howsitgoing_cloud.erasures import is_until
from howsitgoing_cloud.firestore import DEVICES, ERASURES, SAMPLES, SEEN
from howsitgoing_cloud.google_errors import AGAIN, translated

PAGE: Final = 200
"""Documents in one batch; Firestore takes 500 writes."""
TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class FirestoreHousekeeping:
    """Implements the ports of `howsitgoing_cloud.erase` and `howsitgoing_cloud.sweep`."""

    client: Client

    def bury(self, target: Target, now: datetime) -> Erased:
        """Write the tombstone, or take up the one of a run that was cut off."""
        tombstone = self.client.document(f"{ERASURES}/{target.tombstone}")
        with translated("Firestore"):
            found = tombstone.get(timeout=TIMEOUT_S, retry=AGAIN).to_dict()
            if found is not None and not found["done"]:
                return Erased(found["until"], found["samples"], found["crops"])
            begun = {"kind": target.kind, "value": target.value, "until": now, "samples": 0, "crops": 0, "done": False}
            tombstone.set(begun, timeout=TIMEOUT_S, retry=AGAIN)
        return Erased(now)

    def pages(self, target: Target, until: datetime) -> Iterator[list[Found]]:
        """What is still there of it."""
        field = "device_id" if target.kind == "device" else "consent.reference"
        query = self.client.collection(SAMPLES).where(filter=FieldFilter(field, "==", target.value))
        for page in self._pages(query.select(["image", "event.noticed_at", "received_at"])):
            meant = [one for one in page if target.kind == "consent" or is_until(one.to_dict(), until)]
            if meant:
                yield [Found(one.id, (one.get("image") or {}).get("path")) for one in meant]

    def remove(self, target: Target, found: list[Found], erased: Erased) -> None:
        """Delete the documents and note ``erased`` on the tombstone, in one commit."""
        batch = self.client.batch()
        for one in found:
            batch.delete(self.client.document(f"{SAMPLES}/{one.id}"))
        noted = {"samples": erased.samples, "crops": erased.crops, "done": erased.done}
        batch.update(self.client.document(f"{ERASURES}/{target.tombstone}"), noted)
        with translated("Firestore"):
            batch.commit(timeout=TIMEOUT_S, retry=AGAIN)

    def forget_shown(self, target: Target) -> None:
        """Take what the dashboard was last shown of it out of the devices' documents."""
        devices = self.client.collection(DEVICES)
        with translated("Firestore"):
            if target.kind == "device":
                shown = [one for one in [devices.document(target.value).get(timeout=TIMEOUT_S, retry=AGAIN)] if one.exists]
            else:
                shown = devices.where(filter=FieldFilter("pushed.consent", "==", target.value)).get(
                    timeout=TIMEOUT_S, retry=AGAIN
                )
            for one in shown:
                one.reference.update({"pushed": None}, timeout=TIMEOUT_S, retry=AGAIN)

    def crops_of(self, sample_ids: Iterable[str]) -> set[str]:
        """Paths of the crops that these samples have."""
        references = [self.client.document(f"{SAMPLES}/{name}") for name in sample_ids]
        with translated("Firestore"):
            found = list(self.client.get_all(references, ["image"], timeout=TIMEOUT_S, retry=AGAIN))
        return {(one.get("image") or {}).get("path", "") for one in found if one.exists}

    def remove_expired(self, now: datetime) -> Iterator[int]:
        """Delete samples and uses of tokens that have expired; how many, batch by batch."""
        for collection in (SAMPLES, SEEN):
            query = self.client.collection(collection).where(filter=FieldFilter("expires_at", "<=", now))
            while page := self._page(query.select([]).limit(PAGE)):
                batch = self.client.batch()
                for one in page:
                    batch.delete(one.reference)
                with translated("Firestore"):
                    batch.commit(timeout=TIMEOUT_S, retry=AGAIN)
                yield len(page)

    def _pages(self, query: Any) -> Iterator[list[Any]]:  # noqa: ANN401  google's clients carry no types
        ordered = query.order_by("__name__").limit(PAGE)
        page = self._page(ordered)
        while page:
            yield page
            page = self._page(ordered.start_after(page[-1]))

    def _page(self, query: Any) -> list[Any]:  # noqa: ANN401
        with translated("Firestore"):
            return list(query.get(timeout=TIMEOUT_S, retry=AGAIN))
