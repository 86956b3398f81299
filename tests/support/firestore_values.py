"""A document with every kind of value that ours hold."""

from __future__ import annotations

from datetime import UTC, datetime

EVERY_KIND = {
    "text": "größer",
    "yes": True,
    "number": -3,
    "share": 0.25,
    "time": datetime(2026, 2, 3, 4, 5, 6, 789_123, tzinfo=UTC),
    "bytes": b"\x00\xff",
    "nothing": None,
    "list": [1, "two", {"three": 3.0}],
    "none of it": [],
    "map": {"deep": {"deeper": []}, "empty": {}},
}
