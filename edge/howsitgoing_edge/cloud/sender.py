"""Empties the outbox into the cloud, on a thread of its own: one sample after the other, each until it is answered."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Protocol

from howsitgoing_edge.cloud.answers import NOBODY_AGREED, Answer, Verdict
from howsitgoing_edge.contract import ContractError, Sample
from howsitgoing_edge.errors import StorageError

if TYPE_CHECKING:
    from howsitgoing_edge.cloud.client import CloudClient
    from howsitgoing_edge.cloud.outbox import Outbox, Parcel
    from howsitgoing_edge.cloud.sharing import Sharing

_TIDY_EVERY: Final = 60.0
_CONFLICT: Final = 409
log = logging.getLogger(__name__)


class Pauses(Protocol):
    """How long to wait between tries: longer each time, never all devices at once."""

    def next(self) -> float:
        """Seconds."""

    def reset(self) -> None:
        """It worked."""


class Sender:
    """Begins with `start`; all methods return at once but `close`."""

    def __init__(self, outbox: Outbox, client: CloudClient, sharing: Sharing, *, quick: Pauses, slow: Pauses) -> None:
        """``quick``: pauses after a failure that passes by itself; ``slow``: after one that a person must mend."""
        self._outbox = outbox
        self._client = client
        self._sharing = sharing
        self._quick = quick
        self._slow = slow
        self._wake = Event()
        self._closing = Event()
        self._passed = 0
        """Number of the sample tried last: another goes first after a failure, lest one alone holds up all"""
        self._tidied = float("-inf")
        self.trouble: Answer | None = None
        """What is in the way now"""
        self.refused: str = ""
        """Why the last sample that was answered was not wanted"""
        self.sent_at: float | None = None
        """Unix seconds at which the cloud took the last one"""
        self._thread = Thread(target=self._work, name="uplink", daemon=True)

    def start(self) -> None:
        """Send what waits, and whatever comes."""
        self._thread.start()

    def more(self) -> None:
        """Something new waits."""
        self._wake.set()

    def close(self, seconds: float = 1.0) -> None:
        """Stop; a request on its way is given up after ``seconds``, and sent again at the next start."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
        if not self._thread.is_alive():
            self._client.close()
            self._outbox.close()

    def _work(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._round()
                except StorageError as error:
                    self._pause(Answer(Verdict.LATER, str(error)))
        finally:
            if not self._closing.is_set():  # a fault of the program; the thread's end is logged with where it arose
                self.trouble = Answer(Verdict.HELD, "the uplink broke: start the agent again, and report what its log says")

    def _round(self) -> None:
        if time.monotonic() - self._tidied > _TIDY_EVERY:
            self._tidied = time.monotonic()
            self._outbox.tidy()
            if not self._sharing.faces:
                self._outbox.forget_pictures()  # of the time when they were shared
        parcel = self._outbox.next(self._passed) if self._sharing.allowed else None
        if parcel is None:
            self._wake.wait(_TIDY_EVERY)
            self._wake.clear()
            return
        self._send(parcel)

    def _send(self, parcel: Parcel) -> None:
        try:
            sample = self._sharing.fitting(Sample.from_json(parcel.event), parcel.face)
        except ContractError as error:  # written by another version
            self._outbox.refuse(parcel, f"this version cannot read it: {error}")
            return
        answer = self._client.send(sample, parcel.face if sample.face is not None else None)
        known_better = (
            answer.verdict is Verdict.REFUSED
            and answer.status == _CONFLICT
            and (parcel.thinned or sample.to_json() != parcel.event)
        )
        if answer.verdict is Verdict.STORED or known_better:  # it went through with its picture, and only we never heard
            self._outbox.done(parcel)
            self.sent_at = time.time()
            self._well(refused="")
        elif answer.verdict is Verdict.REFUSED:
            self._outbox.refuse(parcel, answer.sentence, keep_picture=answer.code != NOBODY_AGREED)
            log.warning("the cloud does not want a sample, it is set aside: %s", answer.sentence)
            self._well(refused=answer.sentence)
        else:
            self._passed = parcel.seq
            self._pause(answer)

    def _well(self, *, refused: str) -> None:
        if self.trouble is not None:
            log.info("the cloud takes samples again")
        self.trouble, self.refused = None, refused
        self._quick.reset()
        self._slow.reset()

    def _pause(self, answer: Answer) -> None:
        if self.trouble is None or self.trouble.sentence != answer.sentence:  # said once, not once a try
            log.warning("uplink: %s", answer.sentence)
        self.trouble = answer
        pauses = self._slow if answer.verdict is Verdict.HELD else self._quick
        self._closing.wait(max(pauses.next(), answer.pause))
