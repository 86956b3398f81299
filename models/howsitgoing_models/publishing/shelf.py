"""Where devices look: a folder that a web server shows, or a bucket of Cloud Storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Protocol

from howsitgoing_models.dataset.places import Place
from howsitgoing_models.errors import DataError, PublishError

_BUCKET: Final = "gs://"
_ABSENT: Final = 0
"""Cloud Storage's generation of what is not there"""


class Shelf(Protocol):
    """Files by name, directly in one folder."""

    def get(self, name: str) -> bytes | None:
        """The file; None: it is not there. Raises PublishError: it cannot be read."""

    def put(self, name: str, content: bytes) -> None:
        """The whole file at once, or not at all. Raises PublishError: it cannot be written, or somebody else just has."""


class FolderShelf:
    """On a disk here."""

    def __init__(self, folder: Path) -> None:
        """Made when something is put in."""
        self._place = Place(str(folder))

    def get(self, name: str) -> bytes | None:
        """See `Shelf`."""
        try:
            return self._place.get(name) if self._place.exists(name) else None
        except DataError as error:
            raise PublishError(str(error)) from error

    def put(self, name: str, content: bytes) -> None:
        """See `Shelf`; with the rights that others, such as a web server, need to read it."""
        try:
            self._place.put(name, content)
        except DataError as error:
            raise PublishError(str(error)) from error


class BucketShelf:
    """In Cloud Storage. Nothing is overwritten but what was read: of two publishers at once, one is told."""

    def __init__(self, address: str) -> None:
        """``address``: ``gs://bucket/folder``."""
        from google.cloud import storage

        name, _, folder = address.removeprefix(_BUCKET).partition("/")
        self._bucket: Any = storage.Client().bucket(name)
        self._prefix = f"{folder.rstrip('/')}/" if folder.strip("/") else ""
        self._seen: dict[str, int] = {}

    def get(self, name: str) -> bytes | None:
        """See `Shelf`."""
        from google.api_core.exceptions import GoogleAPIError

        try:
            found = self._bucket.get_blob(self._prefix + name)
            self._seen[name] = _ABSENT if found is None else found.generation
            return None if found is None else bytes(found.download_as_bytes())
        except GoogleAPIError as error:
            raise PublishError(f"{name} cannot be read from the bucket ({error})") from error

    def put(self, name: str, content: bytes) -> None:
        """See `Shelf`."""
        from google.api_core.exceptions import GoogleAPIError, PreconditionFailed

        blob = self._bucket.blob(self._prefix + name)
        blob.cache_control = "no-cache"
        try:
            blob.upload_from_string(content, if_generation_match=self._seen.get(name, _ABSENT))
        except PreconditionFailed as error:
            raise PublishError(f"somebody else has just published {name}: look, then give the command again") from error
        except GoogleAPIError as error:
            raise PublishError(f"{name} cannot be written to the bucket ({error})") from error


def shelf(address: str) -> Shelf:
    """The place that ``address`` names: ``gs://…``, or a folder."""
    return BucketShelf(address) if address.startswith(_BUCKET) else FolderShelf(Path(address))
