"""What ingest needs of Firestore and Storage, as protocols, and what passes through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from howsitgoing_cloud.devices import Device


@dataclass(frozen=True)
class Use:
    """The one use of a token."""

    device_id: str
    jti: str
    expires_at: datetime
    """From then on nobody needs to remember it"""
    request: str
    """Of this request alone, so that a commit that is tried again recognises its own"""

    @property
    def name(self) -> str:
        """Of its document in ``seen/``."""
        return f"{self.device_id}:{self.jti}"


@dataclass(frozen=True)
class Stored:
    """What is there of a sample."""

    device_id: str
    digest: str
    image_path: str | None
    """Of its crop"""


@dataclass(frozen=True)
class Question:
    """All that one request asks; nothing of it is verified yet, but its form."""

    device_id: str
    jti: str | None
    sample_id: str | None = None
    reference: str | None = None
    """Of the consent"""


@dataclass(frozen=True)
class Around:
    """What stands around a request."""

    device: Device | None
    used_by: str | None
    """Which request used the token before"""
    stored: Stored | None = None
    """The sample is there already"""
    erased_until: datetime | None = None
    """Everything of the device up to then was erased"""
    consent_erased: bool = False
    """All of its consent was erased: the consent was withdrawn"""


class Records(Protocol):
    """Firestore, for ingest. Everything raises TransientError or PermanentError."""

    def around(self, question: Question) -> Around:
        """All of it in one read."""

    def used(self, name: str) -> str | None:
        """Which request used the token."""

    def use(self, use: Use) -> bool:
        """Remember that the token is used; False if it was before."""

    def create(self, sample_id: str, content: dict[str, Any], use: Use) -> bool:
        """Both or neither: the sample, and that the token is used; False if one of them is there."""


@dataclass(frozen=True)
class Crop:
    """An object in Storage."""

    path: str
    generation: int
    sha256: str | None
    created_at: datetime


class Crops(Protocol):
    """Storage. Everything raises TransientError or PermanentError."""

    @property
    def bucket(self) -> str:
        """Its name."""

    def create(self, path: str, jpeg: bytes, sha256: str, instead_of: int = 0) -> int | None:
        """Write it if nothing is there, or just generation ``instead_of``: the new generation; None: something was there."""

    def find(self, path: str) -> Crop | None:
        """What lies there."""

    def delete(self, path: str, generation: int | None = None) -> bool:
        """Delete it, if it is still that generation; False if it wasn't there."""
