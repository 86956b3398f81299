"""One pair of emulators and one function for all tests of a module; each test begins with nothing stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.emulators import Emulators, emulators
from support.functions import ingest
from support.senders import Sender

from howsitgoing_cloud.local.processes import Server


@pytest.fixture(scope="session")
def running_emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    with emulators(tmp_path_factory.mktemp("emulators")) as running:
        yield running


@pytest.fixture(scope="session")
def running_ingest(running_emulators: Emulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    often = {"HOWSITGOING_CLOUD_DEVICE_PER_MINUTE": "100000"}  # all tests are of one device
    with ingest(running_emulators, tmp_path_factory.mktemp("ingest"), **often) as server:
        yield server


@pytest.fixture
def cloud(running_emulators: Emulators) -> Emulators:
    """Empty."""
    running_emulators.empty()
    return running_emulators


@pytest.fixture
def ingest_url(running_ingest: Server, cloud: Emulators) -> str:
    """The function, with nothing stored yet."""
    assert cloud
    return running_ingest.url


@pytest.fixture
def hat(cloud: Emulators) -> Sender:
    """A device that is registered, with consent to all."""
    sender = Sender()
    cloud.firestore.document(f"devices/{sender.device_id}").set(sender.document())
    return sender
