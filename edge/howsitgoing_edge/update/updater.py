"""Keeps the network in force up to date while the agent runs, on a thread of its own."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Protocol

from howsitgoing_edge.contract import MAX_NOTE_CHARACTERS, ContractError, ModelUpdate, Update
from howsitgoing_edge.errors import EdgeError, TransientError
from howsitgoing_edge.update.in_force import InForce
from howsitgoing_edge.update.network import Load, Network
from howsitgoing_edge.update.store import ModelStore
from howsitgoing_edge.update.watch import Watch

if TYPE_CHECKING:
    from howsitgoing_edge.update.installer import Installer

_FIRST_LOOK: Final = 5.0
"""Seconds after the start: the first faces go before"""
_DISK_EVERY: Final = 2.0
"""Seconds between two looks whether ``howsitgoing models`` has changed something"""
log = logging.getLogger(__name__)


class Pauses(Protocol):
    """How long to wait between tries that fail: longer each time, never all devices at once."""

    def next(self) -> float:
        """Seconds."""

    def reset(self) -> None:
        """It worked."""


class Updater:
    """Begins with `start`; all methods return at once."""

    def __init__(
        self,
        store: ModelStore,
        load: Load,
        watch: Watch,
        installer: Installer | None,
        *,
        automatic: bool,
        every: float,
        pauses: Pauses,
        use: Callable[[Network], None],
        changed: Callable[[], None],
    ) -> None:
        """Joins the parts; reads which network is in force.

        Args:
            store: what was fetched.
            load: loads a network.
            watch: watches over those on trial.
            installer: fetches newer ones; None: none is looked for.
            automatic: newer ones are used without being asked.
            every: seconds between two looks.
            pauses: after looks that fail.
            use: has the vision thread read by another network from its next frame on.
            changed: told after everything that `report` or `network` would now say otherwise.

        Raises:
            ModelError: no network at all can be used.
        """
        self._store = store
        self._installer = installer
        self._automatic = automatic
        self._every = every
        self._pauses = pauses
        self._use = use
        self._changed = changed
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._closing = Event()
        self._busy = False
        self._next_look = float("inf")
        self._in_force = InForce(store, load, watch, use=self._take, soon=self._tasks.put)
        self._thread = Thread(target=self._work, name="updates", daemon=True)

    def start(self) -> None:
        """Look soon, and then regularly."""
        self._next_look = time.monotonic() + _FIRST_LOOK
        self._thread.start()

    def ask(self, wanted: Update) -> None:
        """Somebody wants the newer network in force.

        Raises:
            ContractError: there is none, or not that one; the message says why.
        """
        if self._installer is None:
            raise ContractError('this device looks for no newer networks: model.updates is "off"')
        state = self._store.state
        if self._busy:
            raise ContractError("a newer network is being fetched already")
        if wanted.model is not None and wanted.model != state.offered:
            raise ContractError(f"{wanted.model[:80]} is not offered; {state.offered or 'nothing'} is")
        if state.offered in state.refused:
            raise ContractError(f"{state.offered} is not tried again: {state.refused[state.offered or '']}")
        if state.offered is not None and state.newer is None:
            raise ContractError(f"{state.offered} is in use already")
        self._busy = True
        self._tasks.put(self._install)

    def close(self) -> None:
        """No more looks."""
        self._closing.set()
        self._tasks.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join(0.5)
        self._in_force.stop()

    @property
    def network(self) -> Network:
        """The one that reads faces."""
        return self._in_force.network

    @property
    def report(self) -> ModelUpdate | None:
        """How it stands; None: none is looked for."""
        if self._installer is None:
            return None
        state = self._store.state
        if self._busy:
            return ModelUpdate("installing", state.notes)
        note = (state.trouble or (state.notes if state.newer else ""))[:MAX_NOTE_CHARACTERS]
        return ModelUpdate("available" if state.newer else "failed" if state.trouble else "current", note)

    @property
    def newer(self) -> str | None:
        """Id of the network that could be fetched now."""
        return None if self._installer is None else self._store.state.newer

    @property
    def problems(self) -> tuple[str, ...]:
        """For people: why there is no newer network."""
        trouble = self._store.state.trouble if self._installer is not None else ""
        return (f"newer networks: {trouble}",) if trouble else ()

    # --- on the updater's own thread ---

    def _take(self, network: Network) -> None:
        self._use(network)
        self._changed()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._turn()
            except Exception:  # a mistake in here must not end all looking
                log.exception("the updates of the network came to a halt; the next look tries again")
                self._busy, self._next_look = False, time.monotonic() + self._every

    def _turn(self) -> None:
        try:
            self._tasks.get(timeout=_DISK_EVERY)()
        except Empty:
            self._follow()
        if self._installer is not None and time.monotonic() >= self._next_look and not self._closing.is_set():
            self._look(self._installer)

    def _look(self, installer: Installer) -> None:
        try:
            installer.look()
        except EdgeError as error:
            level = logging.INFO if isinstance(error, TransientError) else logging.WARNING
            log.log(level, "no newer network: %s", error)
            self._next_look = time.monotonic() + min(self._pauses.next(), self._every)
        else:
            self._pauses.reset()
            self._next_look = time.monotonic() + self._every * random.uniform(0.9, 1.1)  # noqa: S311  nothing secret
        self._follow()
        if self._automatic and self._store.state.newer is not None and not self._closing.is_set():
            self._busy = True
            self._install()

    def _install(self) -> None:
        assert self._installer is not None  # noqa: S101  who calls has looked
        self._busy = True
        self._changed()
        try:
            self._installer.install()
        except EdgeError as error:
            log.warning("no newer network: %s", error)
            self._next_look = min(self._next_look, time.monotonic() + min(self._pauses.next(), self._every))
        finally:
            self._busy = False
        self._follow()
        self._changed()

    def _follow(self) -> None:
        if self._in_force.follow():
            self._changed()
