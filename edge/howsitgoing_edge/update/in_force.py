"""The network in force: the fetched one, on trial or not, else the one before, else the one that came with the installation."""

from __future__ import annotations

import logging
from collections.abc import Callable

from howsitgoing_edge.errors import EdgeError, ModelError
from howsitgoing_edge.update.network import Load, Network
from howsitgoing_edge.update.state import State
from howsitgoing_edge.update.store import ModelStore
from howsitgoing_edge.update.watch import Watch

Soon = Callable[[Callable[[], None]], None]
"""Has something done on the updater's thread; returns at once."""
log = logging.getLogger(__name__)


class InForce:
    """Follows what the store says, and writes there how trials end. Used by one thread, after it was made."""

    def __init__(self, store: ModelStore, load: Load, watch: Watch, *, use: Callable[[Network], None], soon: Soon) -> None:
        """Reads which network to begin with.

        Args:
            store: what was fetched.
            load: loads a network.
            watch: watches over those on trial.
            use: has the vision thread read by another network from its next frame on.
            soon: for what a trial's end sets off.

        Raises:
            ModelError: no network at all can be used.
        """
        self._store = store
        self._load = load
        self._watch = watch
        self._use = use
        self._soon = soon
        self._current: str | None = None
        self.network = self._loaded(self._started())
        self._stamp = store.stamp

    def follow(self) -> bool:
        """Do as the store says now, whoever has changed it; whether anything was changed."""
        if self._stamp == (stamp := self._store.stamp):
            return False
        self._stamp = stamp
        state = self._store.state
        if state.current != self._current:
            self._take(self._loaded(state))
            self._stamp = self._store.stamp
            log.info("faces are read by %s", self.network.id)
        return True

    def stop(self) -> None:
        """The program ends as it should."""
        if self._store.state.on_trial:
            self._keep(State.stopped)

    def _started(self) -> State:
        state = self._store.state
        if state == State():  # most devices have fetched nothing, and nothing is written there
            return state
        try:
            return self._store.change(State.started)
        except EdgeError as error:
            log.warning("%s", error)
            return state.back("", refuse=False) if state.on_trial else state  # what cannot be counted is not risked

    def _loaded(self, state: State) -> Network:
        while state.current is not None:
            try:
                network = self._load(self._store.path(state.current))
            except ModelError as error:
                log.error("the network %s is given up: %s", state.current, error)  # noqa: TRY400  where it arose helps nobody
                state = self._back(state, str(error), refuse=state.on_trial)
                continue
            self._current = state.current
            return self._on_trial(network, state) if state.on_trial else network
        self._current = None
        return self._load(None)

    def _on_trial(self, network: Network, state: State) -> Network:
        old = self._before(state)
        return self._watch.over(network, old, lambda why: self._soon(lambda: self._judge(network, old, why)))

    def _before(self, state: State) -> Network:
        if state.previous is not None:
            try:
                return self._load(self._store.path(state.previous))
            except ModelError as error:
                log.warning("%s", error)
        return self._load(None)

    def _judge(self, network: Network, old: Network, why: str | None) -> None:
        """The trial of ``network`` is over: it is fit, or ``why`` not."""
        if network.id != self._store.state.current:
            return
        if why is None:
            self._keep(State.passed)
            log.info("the network %s does well and stays", network.id)
        else:
            log.error("the network %s is taken back: %s", network.id, why)
            self._current = self._back(self._store.state, f"{network.id} was taken back: {why}", refuse=True).current
        self._store.tidy()
        self._take(network if why is None else old)

    def _take(self, network: Network) -> None:
        self.network = network
        self._use(network)

    def _back(self, state: State, why: str, *, refuse: bool) -> State:
        self._keep(lambda kept: kept.back(why, refuse=refuse))
        return state.back(why, refuse=refuse)

    def _keep(self, step: Callable[[State], State]) -> None:
        try:
            self._store.change(step)
        except EdgeError as error:
            log.error("%s", error)  # noqa: TRY400
        self._stamp = self._store.stamp
