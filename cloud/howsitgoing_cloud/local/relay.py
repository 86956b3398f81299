"""Does Eventarc's part on one machine: sees the samples come and go, and tells the functions until they have taken it."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx
from google.cloud.firestore import Client

from howsitgoing_cloud.documents import CREATED, DELETED
from howsitgoing_cloud.firestore import SAMPLES
from howsitgoing_cloud.local.eventarc import Delivery, delivery

log = logging.getLogger(__name__)

WORKERS: Final = 4
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
GIVE_UP_S: Final = 86_400.0
"""As Eventarc does by default"""
_TIMEOUT_S: Final = 60.0
_KINDS: Final = {"ADDED": CREATED, "REMOVED": DELETED}


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    delivery: Delivery = field(compare=False)
    url: str = field(compare=False)
    since: float = field(compare=False)
    pause: float = field(default=FIRST_PAUSE_S, compare=False)


class Relay:
    """Started by entering it, ended by leaving it; what still waits then is lost, as the emulator's documents are."""

    def __init__(self, client: Client, urls: Mapping[str, str]) -> None:
        """With the function for each kind of event: `CREATED` and `DELETED` of howsitgoing_cloud.documents."""
        self._client = client
        self._urls = dict(urls)
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._ending = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="relay")
        self._http = httpx.Client(timeout=_TIMEOUT_S)

    def __enter__(self) -> Self:
        for _ in range(WORKERS):
            self._pool.submit(self._work)
        self._watch = self._client.collection(SAMPLES).on_snapshot(self._seen)
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.unsubscribe()
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._pool.shutdown()
        self._http.close()

    def _seen(self, _documents: Any, changes: Any, _at: Any) -> None:  # noqa: ANN401  Firestore's callback
        for change in changes:
            kind = _KINDS.get(change.type.name)
            if kind is not None and kind in self._urls:
                document = change.document
                event = delivery(kind, self._client.project, document.reference.path, document.to_dict())
                now = time.monotonic()
                self._put(_Waiting(now, next(self._numbers), event, self._urls[kind], now))

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            heapq.heappush(self._waiting, waiting)
            self._changed.notify()

    def _next(self) -> _Waiting | None:
        with self._changed:
            while not self._ending:
                pause = self._waiting[0].due - time.monotonic() if self._waiting else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._waiting)
                self._changed.wait(pause)
        return None

    def _work(self) -> None:
        while (waiting := self._next()) is not None:
            if not self._deliver(waiting):
                self._again(waiting)

    def _deliver(self, waiting: _Waiting) -> bool:
        try:
            answer = self._http.post(waiting.url, content=waiting.delivery.body, headers=waiting.delivery.headers)
        except httpx.HTTPError:
            return False
        return answer.is_success

    def _again(self, waiting: _Waiting) -> None:
        now = time.monotonic()
        if now - waiting.since > GIVE_UP_S:
            log.warning("an event was given up: %s", waiting.delivery.headers["ce-document"])
            return
        waiting.due = now + waiting.pause
        waiting.pause = min(LONGEST_PAUSE_S, 2 * waiting.pause)
        self._put(waiting)
