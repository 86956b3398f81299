"""Looks for a newer network and puts it in force, step by step; blocks, and is used off the vision thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from howsitgoing_edge.errors import EdgeError, ModelError, UpdateRefused
from howsitgoing_edge.update.channel import Channel, believe, read_channel
from howsitgoing_edge.update.network import Load
from howsitgoing_edge.update.package import unpack
from howsitgoing_edge.update.selftest import Exam, examine, milliseconds, read_exam
from howsitgoing_edge.update.source import Progress, Source
from howsitgoing_edge.update.state import State
from howsitgoing_edge.update.store import ModelStore
from howsitgoing_edge.update.trial import allowed_ms

log: Final = logging.getLogger(__name__)


def quiet(_done: int, _all: int) -> None:
    """Nobody watches the download."""


@dataclass(frozen=True)
class Wanted:
    """What this device takes."""

    key: str
    """Ed25519 public key of the publisher, base64"""
    agent: str
    """Version of this program"""
    slower: float
    """See ``model.slower``"""
    shipped: str
    """Id of the network that came with this installation"""


class Installer:
    """One publisher's networks, into one store."""

    def __init__(
        self,
        store: ModelStore,
        source: Source,
        load: Load,
        wanted: Wanted,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is fetched before `look`."""
        self.store = store
        self.source = source
        self._load = load
        self._wanted = wanted
        self._now = now

    @property
    def _named(self) -> str:
        return f"{self.source.url} {self._wanted.key}"

    def look(self) -> Channel:
        """What the publisher says now; remembered.

        Raises:
            TransientError: not to be reached, or not to be kept.
            PermanentError: not there, or not to be believed.
        """
        try:
            channel = read_channel(self.source.channel(), self._wanted.key)
            state, now = self.store.state.of(self._named), self._now()
            believe(channel, sequence=state.sequence, sha256=state.bundle, now=now, agent=self._wanted.agent)
        except EdgeError as error:
            self._note(error)
            raise
        self.store.change(lambda state: state.looked(channel, now, self._named, self._wanted.shipped))
        return channel

    def install(self, *, retry: bool = False, progress: Progress = quiet) -> str | None:
        """Look, and put a newer network in force, on trial.

        Args:
            retry: also one that did not do well here before.
            progress: told of the bytes that have come.

        Returns:
            Its id; None: there is none that is newer.

        Raises:
            TransientError: not now: no network, no room; nothing has changed.
            PermanentError: what is offered cannot be used; the message says why.
        """
        channel = self.look()
        state = self.store.state
        if channel.model == state.in_force:
            return None
        if channel.model in state.refused and not retry:
            raise UpdateRefused(
                f"{channel.model} is not tried again: {state.refused[channel.model]}; 'howsitgoing models update --retry' does"
            )
        try:
            package = unpack(self.source.bundle(channel.bundle, progress), channel, self._wanted.key)
            place = self.store.put(package)
        except EdgeError as error:
            self._note(error)
            raise
        self.store.change(lambda state: state.examined(channel.model))
        try:
            self._examine(place, channel.model, state)
        except (UpdateRefused, ModelError) as error:
            why = str(error)
            self.store.change(lambda state: state.shunned(channel.model, why))
            self.store.tidy()
            raise
        self.store.change(lambda state: state.tried(channel.model))
        log.info("the network %s is fetched and verified", channel.model)
        return channel.model

    def _examine(self, place: Path, model: str, state: State) -> None:
        new, exam = self._load(place), read_exam(place)
        if new.id != model:
            raise UpdateRefused(f"{model} describes itself as {new.id}: two that do not belong together")
        examine(new.classifier, exam)
        allowed = allowed_ms(pace_of(state.current, self.store, self._load, exam), self._wanted.slower)
        took = milliseconds(new.classifier, exam)
        if took > allowed:
            raise UpdateRefused(f"in the self-test it takes {took:.1f} ms a face, and {allowed:.1f} are allowed here")

    def _note(self, error: EdgeError) -> None:
        """Keep what went wrong, for who asks later; if even that cannot be kept, whoever called is told anyway."""
        try:
            self.store.change(lambda state: state.troubled(str(error)))
        except EdgeError as second:
            log.warning("%s", second)


def pace_of(model: str | None, store: ModelStore, load: Load, exam: Exam) -> float:
    """Milliseconds a golden crop of the network ``model``, or of the one that came with this installation.

    Raises:
        ModelError: not even that one can be used.
    """
    try:
        network = load(None if model is None else store.path(model))
    except ModelError:
        if model is None:
            raise
        network = load(None)
    return milliseconds(network.classifier, exam)
