"""Firestore's CloudEvents as Eventarc delivers them: binary mode, with ``DocumentEventData`` as protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import proto  # type: ignore[import-untyped]
from google.cloud.firestore_v1.types import Document, DocumentMask
from google.protobuf.message import DecodeError

from howsitgoing_cloud.errors import PermanentError
from howsitgoing_cloud.values import read_map

CREATED: Final = "google.cloud.firestore.document.v1.created"
DELETED: Final = "google.cloud.firestore.document.v1.deleted"
DATA_TYPE: Final = "application/protobuf"


class DocumentEventData(proto.Message):  # type: ignore[misc]
    """``google.events.cloud.firestore.v1.DocumentEventData``, whose documents are the API's own, number by number."""

    value = proto.Field(Document, number=1)
    old_value = proto.Field(Document, number=2)
    update_mask = proto.Field(DocumentMask, number=3)


@dataclass(frozen=True)
class Change:
    """One document that came or went."""

    name: str
    """Last part of its path"""
    content: Mapping[str, Any]
    """As it is, or was"""


def created(data: object) -> Change:
    """The new document. Raises PermanentError: this is no such event."""
    return _change(_parsed(data).value)


def deleted(data: object) -> Change:
    """The document that was. Raises PermanentError: this is no such event."""
    return _change(_parsed(data).old_value)


def _parsed(data: object) -> DocumentEventData:
    if not isinstance(data, bytes):
        raise PermanentError("this is no event of Firestore: its data are not protobuf")
    try:
        parsed: DocumentEventData = DocumentEventData.deserialize(data)
    except DecodeError as error:
        raise PermanentError("this is no event of Firestore: its data cannot be read") from error
    return parsed


def _change(document: Any) -> Change:  # noqa: ANN401  proto-plus carries no types
    if not document.name:
        raise PermanentError("this is no event of Firestore: no document is named")
    return Change(document.name.rsplit("/", 1)[-1], read_map(Document.pb(document).fields))
