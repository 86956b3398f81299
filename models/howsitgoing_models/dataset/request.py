"""What is asked of an export, and the plan that an interrupted one goes on by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Filters:
    """What comes out; an empty tuple lets everything through."""

    since: str | None = None
    """Received at this time or later: RFC 3339, by the cloud's clock, since a device's may jump"""
    until: str | None = None
    """Received before"""
    devices: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    """Scopes: moods, faces"""
    label_sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    readable: float = 0.0
    """At least so readable, by the device's own judgement"""


@dataclass(frozen=True)
class Source:
    """Where the documents are."""

    project: str
    database: str = "(default)"
    collection: str = "samples"
    erasures: str = "erasures"


@dataclass(frozen=True)
class Shape:
    """How the dataset is made of them."""

    form: str = "parquet"
    shard_size: int = 5000
    """Samples in a file, at most by about a tenth more"""
    per_track: int = 20
    """Of one face's appearance at one device"""
    validation_share: float = 0.1
    test_share: float = 0.1
    seed: str = ""
    """Another one makes other splits"""


@dataclass(frozen=True)
class Base:
    """The earlier export that this one adds to."""

    folder: str
    name: str
    manifest_sha256: str
    read_time: str


@dataclass(frozen=True)
class Request:
    """What a person asked for."""

    source: Source
    filters: Filters = Filters()
    shape: Shape = Shape()
    base: Base | None = None

    def digest(self) -> str:
        """Two requests with the same digest make the same dataset of the same snapshot."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """A request, and the snapshot it is carried out on."""

    request: Request
    read_time: str
    cuts: tuple[str, ...]
    """Names of documents at which the collection is cut into parts"""
    erased_devices: Mapping[str, str]
    """Device -> all that it saw until then was erased"""
    erased_consents: tuple[str, ...]
    base_indexes: tuple[str, ...] = field(default=())
    """Index files of earlier exports"""

    def parts(self) -> list[tuple[int, str | None, str | None]]:
        """(number, first name, name behind the last) of each part; None = open."""
        edges = [None, *self.cuts, None]
        return [(n, first, behind) for n, (first, behind) in enumerate(pairwise(edges))]

    def to_json(self) -> str:
        """The plan's file."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """What `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        content: dict[str, Any] = json.loads(text)
        asked = content.pop("request")
        base = asked["base"]
        request = Request(
            Source(**asked["source"]),
            Filters(**_tuples(asked["filters"])),
            Shape(**asked["shape"]),
            None if base is None else Base(**base),
        )
        return cls(request=request, **_tuples(content))


def _tuples(content: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists alone."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
