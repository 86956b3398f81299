"""Removes what nothing else does: crops whose document never came, because a function ended in between, and what has expired.

Firestore's TTL policy and the event of each deletion do most of it; this is for what slipped through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from howsitgoing_cloud.records import Crop
from howsitgoing_cloud.samples import FACES, event_of_crop

ORPHAN_AFTER: Final = timedelta(hours=1)
"""A crop gets its document within seconds, or is written anew by the next try."""
_AT_ONCE: Final = 200


class SweptCrops(Protocol):
    """Storage, for sweeping."""

    def below(self, prefix: str) -> Iterator[Crop]:
        """All whose path begins so."""

    def delete(self, path: str, generation: int | None = None) -> bool:
        """Delete it, if it is still that generation; False if it wasn't there."""


class SweptRecords(Protocol):
    """Firestore, for sweeping."""

    def crops_of(self, sample_ids: Iterable[str]) -> set[str]:
        """Paths of the crops that these samples have."""

    def remove_expired(self, now: datetime) -> Iterator[int]:
        """Delete samples and uses of tokens that have expired; how many, batch by batch."""


@dataclass(frozen=True)
class Swept:
    """What was done."""

    crops_seen: int = 0
    orphans: int = 0
    expired: int = 0


@dataclass(frozen=True)
class Sweep:
    """The use case."""

    records: SweptRecords
    crops: SweptCrops
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self) -> Iterator[Swept]:
        """Sweep, and tell how far it is. Raises TransientError: cut off; the same again goes on."""
        expired = 0
        yield Swept()
        for count in self.records.remove_expired(self.now()):
            expired += count
            yield Swept(expired=expired)
        seen = orphans = 0
        for looked_at, removed in remove_orphans(self.records, self.crops, FACES, self.now() - ORPHAN_AFTER):
            seen, orphans = seen + looked_at, orphans + removed
            yield Swept(seen, orphans, expired)


def remove_orphans(records: SweptRecords, crops: SweptCrops, prefix: str, until: datetime) -> Iterator[tuple[int, int]]:
    """Delete crops written until then that no document has: how many were looked at and how many went, batch by batch."""
    for some in _batches((crop for crop in crops.below(prefix) if crop.created_at <= until), _AT_ONCE):
        ids = {name for crop in some if (name := event_of_crop(crop.path)) is not None}
        wanted = records.crops_of(ids)
        # By generation: a crop that was written anew meanwhile is just now getting its document.
        gone = sum(crops.delete(crop.path, crop.generation) for crop in some if crop.path not in wanted)
        yield len(some), gone


def _batches(crops: Iterator[Crop], size: int) -> Iterator[list[Crop]]:
    while some := list(islice(crops, size)):
        yield some
