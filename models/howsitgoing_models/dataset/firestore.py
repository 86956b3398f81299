"""The collection in Firestore: cut into parts, and each read as it was at one time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from howsitgoing_models.dataset.documents import moment, to_text
from howsitgoing_models.dataset.request import Source
from howsitgoing_models.dataset.wire import Wire
from howsitgoing_models.errors import DataError, UnreachableError

_TIME_BITS: Final = 48
"""An id is a UUIDv7: it begins with its time in milliseconds"""


@dataclass(frozen=True)
class Document:
    """As it was read."""

    name: str
    changed: str
    """When it was last changed, by Firestore's clock"""
    content: Mapping[str, Any]


class Collection:
    """One collection at one time; for one worker."""

    def __init__(self, source: Source, read_time: str | None) -> None:
        """As of now, by Firestore's own clock, where no time is given.

        Raises:
            DataError: there is no account, or Firestore cannot be reached.
        """
        from google.cloud import firestore

        self._source = source
        with translated(source):
            self._client = firestore.Client(project=source.project, database=source.database)
            at = moment(read_time) if read_time else self._named("-").get().read_time
        self._time = at

    @property
    def read_time(self) -> str:
        """Of the snapshot, RFC 3339."""
        return to_text(self._time)

    def cuts(self, parts: int) -> list[str]:
        """At most ``parts`` - 1 names at which the collection falls into parts of about the same size."""
        from google.api_core.exceptions import MethodNotImplemented

        group = self._client.collection_group(self._source.collection)
        with translated(self._source):
            try:
                found = [part.end_before.id for part in group.get_partitions(parts, read_time=self._time) if part.end_before]
            except MethodNotImplemented:  # the emulator
                return self._cuts_by_time(parts)
        return sorted(set(found))

    def read(self, first: str | None, behind: str | None, after: str | None, limit: int) -> Iterator[Document]:
        """Documents from name ``first`` to before ``behind``, in the order of their names.

        Args:
            first: None: from the beginning.
            behind: None: to the end.
            after: only those behind this name.
            limit: at most so many.
        """
        with translated(self._source):
            for found in self._wire.read(first, behind, after, limit):
                yield Document(found.name, to_text(found.changed), found.content)

    def tombstones(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """What was erased: (device -> until when, consents).

        Raises:
            DataError: one is of a kind that is not known here: then nothing may come out.
        """
        devices: dict[str, str] = {}
        consents: list[str] = []
        with translated(self._source):
            for found in self._client.collection(self._source.erasures).stream(read_time=self._time):
                row = found.to_dict()
                if row.get("kind") == "device" and isinstance(row.get("until"), datetime):
                    devices[row["value"]] = to_text(row["until"])
                elif row.get("kind") == "consent" and row.get("value"):
                    consents.append(row["value"])
                else:
                    raise DataError(
                        f"{self._source.erasures}/{found.id} is no erasure known here; this export may be older than the cloud"
                    )
        return devices, tuple(sorted(consents))

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        if "_wire" in vars(self):
            self._wire.close()

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self._source, self._time)

    def _ordered(self) -> Any:  # noqa: ANN401  google's clients carry no types
        return self._client.collection(self._source.collection).order_by("__name__")

    def _named(self, name: str) -> Any:  # noqa: ANN401
        return self._client.collection(self._source.collection).document(name)

    def _cuts_by_time(self, parts: int) -> list[str]:
        """Where Firestore itself cannot cut: by equal spans of the time that ids begin with."""
        collection = self._client.collection(self._source.collection)
        newest = collection.order_by("received_at", direction="DESCENDING")  # names themselves are not read backwards
        with translated(self._source):
            ends = [found.id for end in (self._ordered(), newest) for found in end.limit(1).stream(read_time=self._time)]
        try:
            first, last = (int(name.replace("-", "")[: _TIME_BITS // 4], 16) for name in ends)
        except ValueError:
            return []
        steps = min(parts, last - first)
        spans = [f"{first + (last - first) * n // steps:012x}" for n in range(1, steps)]
        return sorted({f"{span[:8]}-{span[8:]}-7000-8000-000000000000" for span in spans})


@contextmanager
def translated(source: Source) -> Iterator[None]:
    """Around calls to Firestore. Raises DataError: one line that says what to do; UnreachableError where waiting may be it."""
    import google.auth.exceptions
    from google.api_core import exceptions

    where = f"Firestore, project {source.project}, database {source.database}"
    try:
        yield
    except google.auth.exceptions.DefaultCredentialsError as error:
        raise DataError("no Google account is known here: gcloud auth application-default login") from error
    except (exceptions.PermissionDenied, exceptions.Unauthenticated, exceptions.NotFound) as error:
        raise DataError(f"{where}: {error.message[:160]}; is the name right, and may this account read it?") from error
    except (exceptions.FailedPrecondition, exceptions.InvalidArgument) as error:
        raise DataError(
            f"{where}: {error.message[:160]}; without point-in-time recovery an hour is kept, with it seven days: "
            "begin anew in another folder"
        ) from error
    except (exceptions.GoogleAPIError, google.auth.exceptions.GoogleAuthError) as error:
        raise UnreachableError(f"{where} cannot just now ({type(error).__name__}); the same command again goes on") from error
