"""The register of devices: the documents ``devices/{id}``, added, listed, changed and revoked by the operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud.firestore import Client

from howsitgoing_cloud.devices import Agreed, Device, device_of
from howsitgoing_cloud.errors import ConfigError, ConflictError
from howsitgoing_cloud.firestore import DEVICES
from howsitgoing_cloud.google_errors import AGAIN, translated
from howsitgoing_cloud.keys import read_public_key, write_public_key

TIMEOUT_S: Final = 15.0


@dataclass(frozen=True)
class Register:
    """In Firestore."""

    client: Client

    def add(
        self, device_id: str, public_key: str, consent: Agreed | None, blynk_secret: str | None, now: datetime, *, anew: bool
    ) -> None:
        """Register it; ``anew`` replaces its key and lifts a revocation.

        Raises:
            ConfigError: the key is none.
            ConflictError: there is one of that name.
        """
        content: dict[str, Any] = {
            "public_key": write_public_key(read_public_key(public_key)),
            "created_at": now,
            "revoked_at": None,
            "consent": None if consent is None else consent.to_dict(),
            "blynk": None if blynk_secret is None else {"secret": blynk_secret},
            "pushed": None,
        }
        document = self.client.document(f"{DEVICES}/{device_id}")
        with translated("Firestore"):
            try:
                document.set(content, timeout=TIMEOUT_S, retry=AGAIN) if anew else document.create(
                    content, timeout=TIMEOUT_S, retry=AGAIN
                )
            except AlreadyExists:
                raise ConflictError(f"{device_id} is registered already: add --replace gives it another key") from None

    def devices(self) -> Iterator[Device]:
        """All, by their ids."""
        with translated("Firestore"):
            found = self.client.collection(DEVICES).order_by("__name__").get(timeout=TIMEOUT_S, retry=AGAIN)
        for one in found:
            yield device_of(one.id, one.to_dict())

    def revoke(self, device_id: str, now: datetime) -> None:
        """From now on nothing of it is taken. Raises ConfigError: there is none of that name."""
        with translated("Firestore"):
            try:
                self.client.document(f"{DEVICES}/{device_id}").update({"revoked_at": now}, timeout=TIMEOUT_S, retry=AGAIN)
            except NotFound:
                raise ConfigError(f"no device is called {device_id}: howsitgoing-cloud devices list shows them") from None
