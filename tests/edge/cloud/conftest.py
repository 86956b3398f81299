"""A device with a key, and a cloud that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.receiver import Receiver

from howsitgoing_edge.cloud.client import CloudClient
from howsitgoing_edge.cloud.identity import make_key, public_key
from howsitgoing_edge.cloud.limits import Limits
from howsitgoing_edge.cloud.outbox import Outbox
from howsitgoing_edge.cloud.sender import Sender
from howsitgoing_edge.cloud.sharing import Sharing
from howsitgoing_edge.cloud.tokens import DeviceAuth
from howsitgoing_edge.contract import Consent
from howsitgoing_edge.runtime.backoff import Backoff

DEVICE = "hat-1"
MakeSender = Callable[..., Sender]


@dataclass(frozen=True)
class Device:
    """What a device has of its own."""

    folder: Path
    key: Ed25519PrivateKey

    def client(self, cloud: Receiver, **changed: Any) -> CloudClient:  # noqa: ANN401  of DeviceAuth and CloudClient
        """Calls ``cloud``."""
        audience = changed.pop("audience", cloud.url)
        clock = {"clock": changed["clock"]} if "clock" in changed else {}
        auth = DeviceAuth(DEVICE, audience, changed.pop("key", self.key), **clock)
        return CloudClient(changed.pop("url", cloud.url), DEVICE, auth, **{"timeout": 5.0, **changed})

    def sharing(self, scope: str = "faces") -> Sharing:
        """What people agreed to."""
        return Sharing(Consent(scope, "C-2026-014" if scope == "faces" else None), self.folder / "cloud-stopped")


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """With a key of its own."""
    return Device(tmp_path / "state", make_key(tmp_path / "state"))


@pytest.fixture
def cloud(device: Device) -> Iterator[Receiver]:
    """Lets ``device`` in."""
    with Receiver(DEVICE, public_key(device.key)) as receiver:
        yield receiver


@pytest.fixture
def outbox(device: Device) -> Iterator[Outbox]:
    """Of ``device``."""
    opened = Outbox(device.folder, Limits(10_000_000))
    yield opened
    opened.close()


@pytest.fixture
def make_sender(device: Device, outbox: Outbox) -> Iterator[MakeSender]:
    """Starts senders of ``outbox`` that do not wait long, and ends them."""
    with ExitStack() as running:

        def make(cloud: Receiver, *, scope: str = "faces", pause: float = 0.01, **changed: Any) -> Sender:  # noqa: ANN401
            client = device.client(cloud, **changed)
            sender = Sender(outbox, client, device.sharing(scope), quick=Backoff(pause, pause), slow=Backoff(pause, pause))
            running.callback(sender.close)
            sender.start()
            return sender

        yield make
