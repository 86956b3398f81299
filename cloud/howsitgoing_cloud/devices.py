"""Devices as the cloud knows them: the document ``devices/{device_id}``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from howsitgoing_cloud._contract import CONSENT_SCOPES
from howsitgoing_cloud.errors import ConfigError, PermanentError
from howsitgoing_cloud.keys import read_public_key


@dataclass(frozen=True)
class Agreed:
    """What the people at a device agreed to."""

    scope: str
    """The most that may be stored: ``moods``, or ``faces``, which includes them"""
    references: tuple[str, ...] | None
    """Numbers of the consents that were given; None = any"""

    def to_dict(self) -> dict[str, Any]:
        """As in the document, and as a device is told."""
        return {"scope": self.scope, "references": None if self.references is None else list(self.references)}


@dataclass(frozen=True)
class Device:
    """One device."""

    device_id: str
    public_key: Ed25519PublicKey
    created_at: datetime | None
    revoked_at: datetime | None
    consent: Agreed | None
    blynk_secret: str | None
    """Name of the secret that holds its Blynk token"""


def device_of(device_id: str, content: Mapping[str, Any]) -> Device:
    """The device in a document.

    Raises:
        PermanentError: somebody wrote something else into it.
    """
    try:
        consent, blynk = content.get("consent"), content.get("blynk")
        return Device(
            device_id,
            read_public_key(content["public_key"]),
            content.get("created_at"),
            content.get("revoked_at"),
            None if consent is None else _agreed(consent),
            None if blynk is None else str(blynk["secret"]),
        )
    except (KeyError, TypeError, AttributeError, ConfigError) as error:
        raise PermanentError(
            f"devices/{device_id} cannot be read: register the device anew ({type(error).__name__})"
        ) from error


def _agreed(consent: Mapping[str, Any]) -> Agreed:
    references = consent.get("references")
    if consent["scope"] not in CONSENT_SCOPES:
        raise KeyError("scope")
    return Agreed(consent["scope"], None if references is None else tuple(map(str, references)))
