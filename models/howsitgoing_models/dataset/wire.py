"""Many documents of a collection, decoded straight from the wire.

Google's client wraps each value and each document several times and hands out deep copies: fine for one document, and most of
what an export of millions would cost.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from howsitgoing_models.dataset.request import Source

EMULATOR: Final = "FIRESTORE_EMULATOR_HOST"
_CHANNEL: Final = (("grpc.keepalive_time_ms", 30_000), ("grpc.max_receive_message_length", -1))
_PATIENCE_S: Final = 300.0
"""For one chunk, with all that is tried again"""


class Found(NamedTuple):
    """A document as it was read."""

    name: str
    """The last part of its path"""
    changed: datetime
    """When it was last changed, by Firestore's clock"""
    content: dict[str, Any]
    """Times are aware datetimes; references and places on Earth, which our documents have none of, stay what they are"""


class Wire:
    """A collection as it was at one time; for one worker."""

    def __init__(self, source: Source, at: datetime) -> None:
        """Finds the project's identity, or that of nobody where an emulator is named.

        Raises:
            google.auth.exceptions.DefaultCredentialsError: there is no account.
        """
        import grpc
        from google.cloud.firestore_v1.services.firestore import FirestoreClient
        from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
        from grpc.experimental import ChannelOptions

        database = f"projects/{source.project}/databases/{source.database}"
        parent, _, self._collection = source.collection.rpartition("/")
        self._parent = "/".join(filter(None, (database, "documents", parent)))
        self._metadata = [("google-cloud-resource-prefix", database)]
        options = [*_CHANNEL, (ChannelOptions.SingleThreadedUnaryStream, 1)]  # else a thread is woken for each document
        emulator = os.environ.get(EMULATOR)
        if emulator:
            self._metadata.append(("authorization", "Bearer owner"))
            self._channel = grpc.insecure_channel(emulator, options)
        else:
            self._channel = FirestoreGrpcTransport.create_channel(options=options)
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=self._channel))
        self._at = at

    def read(self, first: str | None, behind: str | None, after: str | None, limit: int) -> Iterator[Found]:
        """As `howsitgoing_models.dataset.firestore.Collection.read`; an answer that breaks off is gone on with.

        Raises:
            google.api_core.exceptions.GoogleAPIError: Firestore refuses, or does not answer for minutes.
        """
        from google.api_core import exceptions
        from google.api_core.retry import StreamingRetry, if_exception_type
        from google.cloud.firestore_v1.types import RunQueryResponse

        last, left = after, limit

        def rest() -> Iterator[Found]:
            nonlocal last, left
            if left == 0:
                return
            request = self._request(first, behind, last, left)
            for answer in self._client.run_query(request, metadata=self._metadata, retry=None):
                message = RunQueryResponse.pb(answer)
                if message.HasField("document"):
                    found = _found(message.document)
                    last, left = found.name, left - 1
                    yield found

        again = if_exception_type(exceptions.DeadlineExceeded, exceptions.InternalServerError, exceptions.ServiceUnavailable)
        yield from StreamingRetry(again, timeout=_PATIENCE_S)(rest)()

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _request(self, first: str | None, behind: str | None, after: str | None, limit: int) -> dict[str, Any]:
        query: dict[str, Any] = {
            "from_": [{"collection_id": self._collection}],
            "order_by": [{"field": {"field_path": "__name__"}, "direction": "ASCENDING"}],
            "limit": limit,
        }
        if after is not None:
            query["start_at"] = self._cut(after, before=False)
        elif first is not None:
            query["start_at"] = self._cut(first, before=True)
        if behind is not None:
            query["end_at"] = self._cut(behind, before=True)
        return {"parent": self._parent, "structured_query": query, "read_time": self._at}

    def _cut(self, name: str, *, before: bool) -> dict[str, Any]:
        return {"values": [{"reference_value": f"{self._parent}/{self._collection}/{name}"}], "before": before}


def _found(document: Any) -> Found:  # noqa: ANN401  protobuf's classes are made at run time
    changed = document.update_time.ToDatetime(tzinfo=UTC)
    return Found(document.name.rpartition("/")[2], changed, _map(document.fields))


def _map(fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:  # noqa: ANN401
    kind = value.WhichOneof("value_type")
    match kind:
        case "map_value":
            return _map(value.map_value.fields)
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case "timestamp_value":
            return value.timestamp_value.ToDatetime(tzinfo=UTC)
        case None | "null_value":
            return None
    return getattr(value, kind)
