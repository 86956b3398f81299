"""Firestore's values, between protobuf as it comes over the wire and plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_SIMPLE: Final = (
    (bool, "boolean_value"),  # before int, which it is, too
    (int, "integer_value"),
    (float, "double_value"),
    (str, "string_value"),
    (bytes, "bytes_value"),
)


def read_map(fields: Any) -> dict[str, Any]:  # noqa: ANN401  protobuf's classes are made at run time
    """Plain values of a map of protobuf's; times are aware datetimes."""
    return {name: _read(value) for name, value in fields.items()}


def _read(value: Any) -> Any:  # noqa: ANN401
    kind = value.WhichOneof("value_type")
    match kind:
        case "map_value":
            return read_map(value.map_value.fields)
        case "array_value":
            return [_read(one) for one in value.array_value.values]
        case "timestamp_value":
            return value.timestamp_value.ToDatetime(tzinfo=UTC)
        case None | "null_value":
            return None
    return getattr(value, kind)


def put_map(fields: Any, content: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Write plain values into a map of protobuf's. Raises TypeError: Firestore keeps no such value."""
    for name, value in content.items():
        _put(fields[name], value)


def _put(place: Any, value: object) -> None:  # noqa: ANN401
    match value:
        case None:
            place.null_value = 0
        case datetime():
            place.timestamp_value.FromDatetime(value)
        case Mapping():
            place.map_value.SetInParent()
            put_map(place.map_value.fields, value)
        case list() | tuple():
            place.array_value.SetInParent()
            for one in value:
                _put(place.array_value.values.add(), one)
        case _:
            name = next((name for kind, name in _SIMPLE if isinstance(value, kind)), None)
            if name is None:
                raise TypeError(f"Firestore keeps no {type(value).__name__}")
            setattr(place, name, value)
