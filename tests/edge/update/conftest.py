"""A publisher, a web server that shows what they publish, and a device that looks there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import stamina
from support.publisher import Publisher, WebServer

from howsitgoing_edge import networks
from howsitgoing_edge.settings import EdgeSettings, ModelSettings
from howsitgoing_edge.update.installer import Installer, Wanted
from howsitgoing_edge.update.network import Load
from howsitgoing_edge.update.source import Source
from howsitgoing_edge.update.store import ModelStore


@pytest.fixture(autouse=True)
def one_try() -> Iterator[None]:
    """No test waits for a second try but those that want one."""
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Nothing is published yet; each test publishes what it wants."""
    return Publisher(tmp_path_factory.mktemp("publisher"))


@pytest.fixture
def web(publisher: Publisher) -> Iterator[WebServer]:
    """Shows what is published, from a clean slate."""
    for file in publisher.folder.glob("*"):
        file.unlink()
    with WebServer(publisher.folder) as server:
        yield server


_LOAD = partial(networks.load, EdgeSettings())


@dataclass
class Device:
    """What looks for newer networks on one device."""

    url: str
    key: str
    folder: Path
    agent: str = "0.1.0"
    slower: float = 3.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    load: Load = _LOAD

    @property
    def store(self) -> ModelStore:
        """Its networks."""
        return ModelStore(self.folder)

    @property
    def installer(self) -> Installer:
        """Made anew, as after a restart."""
        wanted = Wanted(self.key, self.agent, self.slower, "shipped")
        return Installer(self.store, Source(self.url, networks._get), self.load, wanted, self.now)

    @property
    def settings(self) -> EdgeSettings:
        """As its owner would write them."""
        return EdgeSettings(model=ModelSettings(updates="report", url=self.url, public_key=self.key))


@pytest.fixture
def device(publisher: Publisher, web: WebServer, tmp_path: Path) -> Device:
    """It has only the network that came with it."""
    return Device(web.url, publisher.public_key, tmp_path / "state")
