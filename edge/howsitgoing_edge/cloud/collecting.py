"""From a draft to a sample in the outbox, on a worker of its own: here the picture is encoded and the disk is waited for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from uuid_utils import uuid7

from howsitgoing_edge.cloud.drafts import Draft, Encode
from howsitgoing_edge.cloud.outbox import Outbox
from howsitgoing_edge.cloud.sharing import Sharing
from howsitgoing_edge.contract import FacePicture, Model, MoodChange, Sample

_SMALLEST = 16
"""Pixels a side; the contract takes nothing smaller"""


class Collector:
    """A sink of drafts."""

    name = "uplink"

    def __init__(
        self,
        outbox: Outbox,
        sharing: Sharing,
        encode: Encode,
        *,
        model: Callable[[], Model],
        on_kept: Callable[[], None] = lambda: None,
    ) -> None:
        """``model`` is asked for readings, a change names its own; ``on_kept`` is called when something new waits."""
        self._outbox = outbox
        self._sharing = sharing
        self._encode = encode
        self._model = model
        self._on_kept = on_kept
        self._session = str(uuid7())

    def handle(self, message: Draft) -> None:
        """Keep one. Raises StorageError."""
        if not self._sharing.allowed:
            return
        jpeg, picture = self._picture(message)
        self._outbox.put(self._sample(message, picture), jpeg)
        self._on_kept()

    def _picture(self, draft: Draft) -> tuple[bytes, FacePicture] | tuple[None, None]:
        if draft.picture is None or not self._sharing.faces:
            return None, None
        jpeg, width, height = self._encode(draft.picture)
        if min(width, height) < _SMALLEST:
            return None, None
        return jpeg, FacePicture(hashlib.sha256(jpeg).hexdigest(), width, height)

    def _sample(self, draft: Draft, picture: FacePicture | None) -> Sample:
        reading = draft.reading
        if isinstance(reading, MoodChange):
            name, model, changed, noticed = reading.id, reading.model, reading.changed_at, reading.noticed_at
        else:
            name, model, changed, noticed = str(uuid7()), self._model(), reading.since, reading.updated_at
        return Sample(
            id=name,
            reason=draft.reason,
            previous=draft.previous,
            emotion=reading.emotion,
            confidence=reading.confidence,
            scores=reading.scores,
            changed_at=changed,
            noticed_at=noticed,
            track=draft.track,
            session=self._session,
            model=model,
            consent=self._sharing.consent,
            readable=None if draft.readable is None else round(draft.readable, 3),
            face=picture,
        )
