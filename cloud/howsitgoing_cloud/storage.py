"""Crops in Firebase Storage, each written once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Bucket
from google.cloud.storage.retry import DEFAULT_RETRY

from howsitgoing_cloud.google_errors import translated
from howsitgoing_cloud.records import Crop

TIMEOUT_S: Final = 5.0
_RETRY: Final = DEFAULT_RETRY.with_timeout(TIMEOUT_S)
"""Each call here may be tried again: it names the generation that it means, or changes nothing."""


@dataclass(frozen=True)
class StorageCrops:
    """Implements `howsitgoing_cloud.records.Crops`."""

    objects: Bucket

    @property
    def bucket(self) -> str:
        """Its name."""
        return str(self.objects.name)

    def create(self, path: str, jpeg: bytes, sha256: str, instead_of: int = 0) -> int | None:
        """Write it if nothing is there, or just generation ``instead_of``: the new generation; None: something was there."""
        blob = self.objects.blob(path)
        blob.metadata = {"sha256": sha256}
        blob.cache_control = "private, no-store"
        with translated("Storage"):
            try:
                blob.upload_from_string(
                    jpeg,
                    content_type="image/jpeg",
                    if_generation_match=instead_of,
                    checksum=None,  # its SHA-256 is looked at by who reads it
                    timeout=TIMEOUT_S,
                    retry=_RETRY,
                )
            except PreconditionFailed:
                return None
        return int(blob.generation)

    def find(self, path: str) -> Crop | None:
        """What lies there."""
        with translated("Storage"):
            blob = self.objects.get_blob(path, timeout=TIMEOUT_S, retry=_RETRY)
        return None if blob is None else _crop(blob)

    def delete(self, path: str, generation: int | None = None) -> bool:
        """Delete it, if it is still that generation; False if it wasn't there."""
        with translated("Storage"):
            try:
                self.objects.blob(path).delete(if_generation_match=generation, timeout=TIMEOUT_S, retry=_RETRY)
            except (NotFound, PreconditionFailed):
                return False
        return True

    def below(self, prefix: str) -> Iterator[Crop]:
        """All whose path begins so."""
        with translated("Storage"):
            for blob in self.objects.list_blobs(prefix=prefix, timeout=TIMEOUT_S, retry=_RETRY):
                yield _crop(blob)


def _crop(blob: Any) -> Crop:  # noqa: ANN401  google's clients carry no types
    return Crop(str(blob.name), int(blob.generation), (blob.metadata or {}).get("sha256"), blob.time_created)
