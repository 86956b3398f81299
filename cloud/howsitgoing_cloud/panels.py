"""Firestore for `push`: the field ``pushed`` of ``devices/{id}``, changed in a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.api_core.exceptions import Aborted
from google.cloud import firestore

from howsitgoing_cloud.errors import TransientError
from howsitgoing_cloud.firestore import DEVICES, SAMPLES
from howsitgoing_cloud.google_errors import AGAIN, TIMEOUT_S, translated
from howsitgoing_cloud.push import Change, Claim

ATTEMPTS: Final = 10


@dataclass(frozen=True)
class FirestorePanels:
    """Implements `howsitgoing_cloud.push.Panels`."""

    client: firestore.Client

    def secret_for(self, device_id: str, sample_id: str) -> str | None:
        """Name of the secret with the token of the dashboard; None: there is none, or the sample was erased."""
        device, sample = self.client.document(f"{DEVICES}/{device_id}"), self.client.document(f"{SAMPLES}/{sample_id}")
        with translated("Firestore"):
            found = {
                one.reference: one for one in self.client.get_all([device, sample], ["blynk"], timeout=TIMEOUT_S, retry=AGAIN)
            }
        blynk = (found[device].to_dict() or {}).get("blynk")
        return None if blynk is None or not found[sample].exists else str(blynk["secret"])

    def change(self, device_id: str, change: Change) -> Claim | None:
        """Apply ``change`` in a transaction; the claim that stands now."""
        device = self.client.document(f"{DEVICES}/{device_id}")

        @firestore.transactional  # type: ignore[untyped-decorator]
        def run(transaction: firestore.Transaction) -> Claim | None:
            found = device.get(["pushed"], transaction=transaction, timeout=TIMEOUT_S, retry=AGAIN).to_dict()
            if found is None:
                return None  # the device was removed
            pushed = found.get("pushed")
            before = None if pushed is None else Claim.from_dict(pushed)
            after = change(before)
            if after is None or after is before:
                return before
            transaction.update(device, {"pushed": after.to_dict()})
            return after

        try:
            with translated("Firestore"):
                claim: Claim | None = run(self.client.transaction(max_attempts=ATTEMPTS))
        except ValueError as error:
            if isinstance(error.__cause__, Aborted):  # how the client says that it has given up
                raise TransientError(f"devices/{device_id} is changed by many at once") from error
            raise
        return claim
