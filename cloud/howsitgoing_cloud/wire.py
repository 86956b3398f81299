"""Firestore's documents straight from and onto the wire, for `ingest`, which bears the load of all devices.

Google's client wraps each value several times and wakes a thread for each answer: half of what a request would cost. Everybody
else uses that client (`howsitgoing_cloud.firebase.firestore_client`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.api_core.exceptions import AlreadyExists
from google.auth.credentials import Credentials
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest, BatchGetDocumentsResponse, CommitRequest
from grpc.experimental import ChannelOptions

from howsitgoing_cloud.google_errors import AGAIN, TIMEOUT_S, translated
from howsitgoing_cloud.values import put_map, read_map

_CHANNEL: Final = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_receive_message_length", -1),
    (ChannelOptions.SingleThreadedUnaryStream, 1),
)


@dataclass(frozen=True)
class Documents:
    """The documents of one database, by their paths below it."""

    client: FirestoreClient
    database: str
    """``projects/…/databases/…``"""
    metadata: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, project: str, database: str, credentials: Credentials | None, emulator: str | None) -> Documents:
        """With ``credentials``, or at an emulator's ``host:port`` without."""
        name = f"projects/{project}/databases/{database}"
        metadata: tuple[tuple[str, str], ...] = (("google-cloud-resource-prefix", name),)
        if emulator:
            channel = grpc.insecure_channel(emulator, _CHANNEL)
            metadata += (("authorization", "Bearer owner"),)
        else:
            channel = FirestoreGrpcTransport.create_channel(credentials=credentials, options=_CHANNEL)
        return cls(FirestoreClient(transport=FirestoreGrpcTransport(channel=channel)), name, metadata)

    def read(self, paths: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        """All of them in one round trip; None: it is not there. Raises TransientError or PermanentError."""
        request = BatchGetDocumentsRequest.meta.pb(database=self.database, documents=map(self._named, paths))
        content: dict[str, dict[str, Any]] = {}
        with translated("Firestore"):
            for answer in self.client.batch_get_documents(
                BatchGetDocumentsRequest.wrap(request), metadata=self.metadata, timeout=TIMEOUT_S, retry=AGAIN
            ):
                found = BatchGetDocumentsResponse.pb(answer).found
                if found.name:
                    content[found.name] = read_map(found.fields)
        return {path: content.get(self._named(path)) for path in paths}

    def create(self, documents: Mapping[str, Mapping[str, Any]]) -> bool:
        """All or none; False if one of them is there. Raises TransientError or PermanentError."""
        request = CommitRequest.meta.pb(database=self.database)
        for path, content in documents.items():
            write = request.writes.add()
            write.current_document.exists = False
            write.update.name = self._named(path)
            put_map(write.update.fields, content)
        with translated("Firestore"):
            try:
                self.client.commit(CommitRequest.wrap(request), metadata=self.metadata, timeout=TIMEOUT_S, retry=AGAIN)
            except AlreadyExists:
                return False
        return True

    def _named(self, path: str) -> str:
        return f"{self.database}/documents/{path}"
