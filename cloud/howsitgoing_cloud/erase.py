"""Erases all that a device saw, or all that was given under one consent, and remembers that it did.

The tombstone comes first: from then on ingest refuses what it covers, and exports leave it out. A run that was cut off is
taken up again by the same command; what is gone already is no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

from howsitgoing_cloud.erasures import consent_erasure, device_erasure
from howsitgoing_cloud.ingest import COMMIT_WITHIN_S
from howsitgoing_cloud.samples import FACES
from howsitgoing_cloud.sweep import SweptCrops, SweptRecords, remove_orphans

SETTLE: Final = timedelta(seconds=2 * COMMIT_WITHIN_S)
"""After so long nothing comes in any more that had not read the tombstone."""


@dataclass(frozen=True)
class Target:
    """What is erased."""

    kind: Literal["device", "consent"]
    value: str
    """Device id, or reference of a consent"""

    @property
    def tombstone(self) -> str:
        """Name of its document in ``erasures/``."""
        return device_erasure(self.value) if self.kind == "device" else consent_erasure(self.value)


@dataclass(frozen=True)
class Found:
    """One sample to erase."""

    id: str
    image_path: str | None


@dataclass(frozen=True)
class Erased:
    """The tombstone, as far as it is."""

    until: datetime
    """Of a device: what it saw until then"""
    samples: int = 0
    crops: int = 0
    done: bool = False


class ErasableRecords(SweptRecords, Protocol):
    """Firestore, for erasing. Everything raises TransientError or PermanentError."""

    def bury(self, target: Target, now: datetime) -> Erased:
        """Write the tombstone, or take up the one of a run that was cut off."""

    def pages(self, target: Target, until: datetime) -> Iterator[list[Found]]:
        """What is still there of it."""

    def remove(self, target: Target, found: list[Found], erased: Erased) -> None:
        """Delete the documents and note ``erased`` on the tombstone, in one commit."""

    def forget_shown(self, target: Target) -> None:
        """Take what the dashboard was last shown of it out of the devices' documents."""


@dataclass(frozen=True)
class Erase:
    """The use case."""

    records: ErasableRecords
    crops: SweptCrops
    wait_until: Callable[[datetime], None]
    """Comes back at that time"""
    settle: timedelta = SETTLE
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, target: Target) -> Iterator[Erased]:
        """Erase, and tell how far it is.

        Raises:
            TransientError: cut off; the same again goes on where it stopped.
        """
        erased = self.records.bury(target, self.now())
        yield erased
        erased = yield from self._pass(target, erased)
        self.wait_until(erased.until + self.settle)
        erased = yield from self._pass(target, erased)
        if target.kind == "device":
            erased = yield from self._orphans(target, erased)
        self.records.forget_shown(target)
        erased = replace(erased, done=True)
        self.records.remove(target, [], erased)
        yield erased

    def _pass(self, target: Target, erased: Erased) -> Generator[Erased, None, Erased]:
        for found in self.records.pages(target, erased.until):
            # Crops first: a document that is left leads the next run to what is left of them.
            crops = sum(self.crops.delete(one.image_path) for one in found if one.image_path is not None)
            erased = replace(erased, samples=erased.samples + len(found), crops=erased.crops + crops)
            self.records.remove(target, found, erased)
            yield erased
        return erased

    def _orphans(self, target: Target, erased: Erased) -> Generator[Erased, None, Erased]:
        for _, crops in remove_orphans(self.records, self.crops, f"{FACES}{target.value}/", erased.until):
            erased = replace(erased, crops=erased.crops + crops)
            yield erased
        return erased
