"""CloudEvents of Firestore in the form in which Eventarc delivers them: the emulator sends none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document

from howsitgoing_cloud.documents import CREATED, DATA_TYPE, DocumentEventData


@dataclass(frozen=True)
class Delivery:
    """One event, ready to be sent."""

    headers: dict[str, str]
    body: bytes


def delivery(kind: str, project: str, path: str, content: Mapping[str, Any], database: str = "(default)") -> Delivery:
    """Of a document that was created, or deleted.

    Args:
        kind: `CREATED` or `DELETED` of howsitgoing_cloud.documents.
        project: that the database belongs to.
        path: of the document, e.g. ``samples/019bf5a1-…``.
        content: of the document as it is, or was.
        database: by default the default one.
    """
    source = f"projects/{project}/databases/{database}"
    document = Document(name=f"{source}/documents/{path}", fields=_helpers.encode_dict(dict(content)))
    data = DocumentEventData(value=document) if kind == CREATED else DocumentEventData(old_value=document)
    headers = {
        "Content-Type": DATA_TYPE,
        "ce-specversion": "1.0",
        "ce-id": secrets.token_hex(16),
        "ce-type": kind,
        "ce-source": f"//firestore.googleapis.com/{source}",
        "ce-subject": f"documents/{path}",
        "ce-time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "ce-dataschema": (
            "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
        ),
        "ce-project": project,
        "ce-location": "local",
        "ce-database": database,
        "ce-namespace": "(default)",
        "ce-document": path,
        "traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
    }
    return Delivery(headers, DocumentEventData.serialize(data))
