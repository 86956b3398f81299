"""The uplink as the agent sees it: an outlet for changes, an eye on each frame, and a word on how it is doing."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from howsitgoing_edge.cloud.answers import Verdict
from howsitgoing_edge.cloud.collecting import Collector
from howsitgoing_edge.cloud.contents import Contents, samples
from howsitgoing_edge.cloud.drafts import Cut, Draft, Encode, Sight
from howsitgoing_edge.cloud.limits import DAY, Limits
from howsitgoing_edge.cloud.outbox import Outbox
from howsitgoing_edge.cloud.sampling import Rates, Sampler
from howsitgoing_edge.cloud.sender import Pauses, Sender
from howsitgoing_edge.cloud.sharing import Sharing, go_on
from howsitgoing_edge.cloud.watching import Watch
from howsitgoing_edge.contract import Model, Mood, MoodChange
from howsitgoing_edge.core.types import Mood as CoreMood
from howsitgoing_edge.errors import StorageError
from howsitgoing_edge.settings import CloudSettings

if TYPE_CHECKING:
    from howsitgoing_edge.cloud.client import CloudClient

_CLOSING_SECONDS: Final = 2.0
_COUNT_EVERY: Final = 1.0
"""Seconds"""
log = logging.getLogger(__name__)


class Queue(Protocol):
    """A sink's worker, see `runtime.worker.SinkWorker`."""

    dropped: int

    @property
    def waiting(self) -> int:
        """Not yet delivered."""

    def offer(self, message: Draft) -> None:
        """Queue it. Never blocks."""

    def close(self, timeout: float = 0.5) -> None:
        """Deliver what waits, for so long."""


@dataclass(frozen=True)
class Hands:
    """What the uplink needs of other rooms."""

    queue: Callable[[Collector], Queue]
    cut: Cut
    encode: Encode
    quick: Pauses
    slow: Pauses
    as_message: Callable[[CoreMood], Mood]
    model: Callable[[], Model]


class Uplink:
    """Begins with `start`. An outlet, see `runtime.outlets`."""

    name = "uplink"

    def __init__(self, settings: CloudSettings, sharing: Sharing, folder: Path, client: CloudClient, hands: Hands) -> None:
        """Its outbox is in ``folder``."""
        limits = Limits(int(settings.outbox_mb * 1e6), settings.keep_days * DAY, settings.keep_faces_days * DAY)
        self._outbox = Outbox(folder, limits)
        self._sharing = sharing
        self._sender = Sender(self._outbox, client, sharing, quick=hands.quick, slow=hands.slow)
        collector = Collector(self._outbox, sharing, hands.encode, model=hands.model, on_kept=self._sender.more)
        self._queue = hands.queue(collector)
        self._watch = Watch(
            Sampler(Rates(settings.random_per_hour, settings.unsure_per_hour, settings.lasting_per_hour)),
            self._queue.offer,
            cut=hands.cut if sharing.faces else None,
            as_message=hands.as_message,
        )
        self._contents = Contents()
        self._counted = float("-inf")

    def start(self) -> None:
        """Send what an earlier run has left, and whatever comes."""
        try:
            go_on(self._sharing.stopped.parent)
        except StorageError as error:
            log.warning("nothing is sent to the cloud: %s", error)
        self._sender.start()

    def offer(self, message: object) -> None:
        """A change; other reports are not for the cloud."""
        if isinstance(message, MoodChange):
            self._watch.change(message)

    def look(self, sight: Sight) -> None:
        """Each frame, after its change was offered; on the vision thread."""
        self._watch.look(sight)

    def close(self) -> None:
        """Keep what came last, and stop."""
        self._queue.close(_CLOSING_SECONDS)
        self._sender.close()

    @property
    def waiting(self) -> int:
        """Samples that wait to be sent."""
        self._count()
        return self._contents.waiting + self._queue.waiting

    @property
    def dropped(self) -> int:
        """Samples that were never sent."""
        return self._queue.dropped + self._outbox.shed.samples

    @property
    def pictures_given_up(self) -> int:
        """Samples that were, or will be, sent without their picture."""
        return self._outbox.shed.pictures

    @property
    def state(self) -> str:
        """As in the contract's Health."""
        if not self._sharing.allowed:
            return "off"
        trouble = self._sender.trouble
        if trouble is not None:
            return "refused" if trouble.verdict is Verdict.HELD else "waiting"
        return "refused" if self._sender.refused else "ok"

    @property
    def sentence(self) -> str:
        """For people, in a few words: what is shared, how much waits, and when something last arrived."""
        if not self._sharing.allowed:
            return "off"
        if time.monotonic() - self._counted > _COUNT_EVERY:  # the live view asks far more often
            self._count()
        words = [self._sharing.consent.scope, f"{self._contents.waiting + self._queue.waiting} waiting"]
        if self._sender.sent_at is not None:
            words.append(f"last sent {datetime.fromtimestamp(self._sender.sent_at).astimezone():%H:%M:%S}")
        return ", ".join(words)

    @property
    def problems(self) -> tuple[str, ...]:
        """For people."""
        if not self._sharing.allowed:
            return ()
        found = []
        if self._sender.trouble is not None:
            found.append(f"nothing reaches the cloud: {self._sender.trouble.sentence}")
        if self._contents.refused:
            why = f" ({self._sender.refused})" if self._sender.refused else ""
            refused = samples(self._contents.refused)
            found.append(f"the cloud did not want {refused}{why}: 'howsitgoing cloud status' shows more")
        return tuple(found)

    def _count(self) -> None:
        self._counted = time.monotonic()
        with contextlib.suppress(StorageError):  # the sender meets it too, and tells of it
            self._contents = self._outbox.contents()
