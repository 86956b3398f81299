"""A broker, somebody who listens, and links that are closed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.links import Links, MakeLink
from support.mosquitto import Mosquitto
from support.subscriber import Subscriber


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets anybody in."""
    with Mosquitto(tmp_path / "mosquitto") as running:
        yield running


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Subscriber]:
    """Hears everything at ``broker``."""
    with Subscriber(broker.port) as subscribed:
        yield subscribed


@pytest.fixture
def make_link() -> Iterator[MakeLink]:
    """Makes started links of the device ``hat-1``: ``make_link(port=broker.port, username=...)``."""
    with Links() as links:
        yield links.make
