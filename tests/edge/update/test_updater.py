"""The thread beside the vision thread: what it puts in force, what it takes back, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from edge.update.conftest import Device
from support.publisher import Publisher, WebServer
from support.waiting import until

from howsitgoing_edge.contract import ContractError, ModelUpdate, Update
from howsitgoing_edge.core.types import Pixels, Scores
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.update import updater as module
from howsitgoing_edge.update.network import Network
from howsitgoing_edge.update.trial import FACES
from howsitgoing_edge.update.updater import Updater
from howsitgoing_edge.update.watch import Watch

CROP = np.zeros((48, 48), np.uint8)


class Failing:
    """Passes every self-test, and breaks on real faces."""

    def __init__(self, network: Network) -> None:
        self._inner = network.classifier

    def score(self, crop: Pixels) -> Scores:
        if not crop.any():
            raise RuntimeError("this kernel was never prepared")
        return self._inner.score(crop)


class Pauses:
    """Hardly any."""

    def next(self) -> float:
        return 0.05

    def reset(self) -> None:
        """Nothing to do."""


class Agent:
    """The vision thread's part, by hand."""

    def __init__(self, device: Device, *, automatic: bool, look: bool = True, every: float = 3600) -> None:
        self.reads: list[str] = []
        """Networks, in the order in which they came into force"""
        self.told = 0
        watch = Watch(device.store, device.slower, lambda: None)
        installer = device.installer if look else None
        how = {"automatic": automatic, "every": every, "pauses": Pauses(), "use": self._use, "changed": self._changed}
        self.updater = Updater(device.store, device.load, watch, installer, **how)
        self.network = self.updater.network

    def _use(self, network: Network) -> None:
        self.network = network
        self.reads.append(network.id)

    def _changed(self) -> None:
        self.told += 1

    def see(self, faces: int) -> None:
        """Read so many faces."""
        for _ in range(faces):
            assert self.network.classifier.score(CROP).emotions.shape == (7,)

    @property
    def state(self) -> str:
        """As ``info`` tells it."""
        report = self.updater.report
        return "" if report is None else report.state


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, device: Device, publisher: Publisher) -> Iterator[Callable[..., Agent]]:
    """Starts agents that look at once; they are ended after the test."""
    monkeypatch.setattr(module, "_FIRST_LOOK", 0.0)
    monkeypatch.setattr(module, "_DISK_EVERY", 0.02)
    running: list[Agent] = []
    load, in_use = device.load, publisher.model("shipped")
    device.load = lambda folder: load(folder or in_use)

    def start(**how: bool | float) -> Agent:
        agent = Agent(device, **how)  # type: ignore[arg-type]
        agent.updater.start()
        running.append(agent)
        return agent

    yield start
    for agent in running:
        agent.updater.close()


def breaks_on_faces(device: Device, name: str) -> None:
    """The network of this name fails only when it is in force."""
    load = device.load

    def loaded(folder: Path | None) -> Network:
        network = load(folder)
        return network.read_by(Failing(network)) if network.id == name else network

    device.load = loaded


def test_an_automatic_update_is_used_and_stays_after_its_trial(
    publisher: Publisher, device: Device, run: Callable[..., Agent]
) -> None:
    """Nobody has to do anything."""
    publisher.publish(publisher.model("second"))
    agent = run(automatic=True)
    until(lambda: agent.reads == ["second"])
    agent.see(FACES - 1)
    assert device.store.state.on_trial
    agent.see(1)
    until(lambda: not device.store.state.on_trial)
    until(lambda: agent.reads == ["second", "second"])
    assert type(agent.network.classifier).__name__ == "LiteRtClassifier", "nobody looks over its shoulder any more"
    assert agent.updater.report == ModelUpdate("current", "")
    assert agent.updater.problems == ()


def test_a_network_that_breaks_on_faces_is_taken_back_and_not_tried_again(
    publisher: Publisher, device: Device, web: WebServer, run: Callable[..., Agent]
) -> None:
    """Not one face goes unread meanwhile; people learn why, and the bad one is fetched no more."""
    breaks_on_faces(device, "second")
    publisher.publish(publisher.model("second"))
    agent = run(automatic=True, every=0.05)
    until(lambda: agent.reads == ["second"])
    agent.see(3)
    until(lambda: agent.reads == ["second", "shipped"])
    assert agent.state == "failed"
    assert "second was taken back: it broke (RuntimeError: this kernel was never prepared)" in agent.updater.problems[0]
    fetched = len(web.asked)
    until(lambda: len(web.asked) > fetched + 2)
    assert not any(path.endswith(".zip") for path in web.asked[fetched:])
    assert agent.reads == ["second", "shipped"]
    publisher.publish(publisher.model("third"))
    until(lambda: agent.reads[-1] == "third")
    agent.see(FACES)
    until(lambda: not device.store.state.on_trial)
    assert agent.updater.problems == ()


def test_without_being_told_to_it_only_tells(publisher: Publisher, run: Callable[..., Agent]) -> None:
    """``report``: somebody presses a button, or not."""
    publisher.publish(publisher.model("second"), notes="new")
    agent = run(automatic=False)
    until(lambda: agent.state == "available")
    assert agent.updater.newer == "second"
    assert agent.reads == []
    agent.updater.ask(Update("second"))
    assert agent.updater.report == ModelUpdate("installing", "new")
    until(lambda: agent.reads == ["second"])
    until(lambda: agent.state == "current")
    for wanted in (Update(), Update("second")):
        with pytest.raises(ContractError, match="second is in use already"):
            agent.updater.ask(wanted)
    with pytest.raises(ContractError, match="third is not offered; second is"):
        agent.updater.ask(Update("third"))


def test_what_cannot_be_fetched_is_told_and_tried_again(
    publisher: Publisher, web: WebServer, run: Callable[..., Agent]
) -> None:
    """A server that comes back is found without a restart."""
    publisher.publish(publisher.model("second"))
    web.breaks = "latest.json"
    agent = run(automatic=True)
    until(lambda: agent.state == "failed")
    assert "127.0.0.1 cannot be reached" in agent.updater.problems[0]
    web.breaks = ""
    until(lambda: agent.reads == ["second"])


def test_a_device_that_looks_for_none_says_so(run: Callable[..., Agent]) -> None:
    """``off``: no report, no feature, no thread that asks anybody."""
    agent = run(automatic=False, look=False)
    assert agent.updater.report is None
    assert agent.updater.newer is None
    with pytest.raises(ContractError, match=r'model\.updates is "off"'):
        agent.updater.ask(Update())


def test_an_agent_without_any_network_does_not_start(device: Device) -> None:
    """Rather than one that sees nothing and says nothing."""

    def none(_folder: Path | None) -> Network:
        raise ModelError("this installation came without a network")

    device.load = partial(none)
    with pytest.raises(ModelError, match="came without"):
        Updater(
            device.store,
            device.load,
            Watch(device.store, 3, lambda: None),
            None,
            automatic=False,
            every=1,
            pauses=Pauses(),
            use=lambda _network: None,
            changed=lambda: None,
        )
