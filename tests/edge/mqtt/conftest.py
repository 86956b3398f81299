"""A broker, somebody who listens, and links over either transport that are closed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.certificates import Authority, Issued
from support.links import Links, MakeLink, aws_settings, like_aws
from support.mosquitto import Mosquitto
from support.subscriber import Subscriber


@pytest.fixture(scope="session")
def house_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs for the secured listener and the device."""
    return Authority(tmp_path_factory.mktemp("house-authority"))


@pytest.fixture(scope="session")
def server_certificate(house_authority: Authority) -> Issued:
    """Of the broker."""
    return house_authority.issue("broker", server=True)


@pytest.fixture(scope="session")
def device_certificate(house_authority: Authority) -> Issued:
    """Of the device."""
    return house_authority.issue("hat-1")


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> str:
    """``paho``; ``aws`` too for tests marked with `support.links.BOTH`."""
    wanted: str = getattr(request, "param", "paho")
    return wanted


@pytest.fixture
def broker(tmp_path: Path, transport: str, request: pytest.FixtureRequest) -> Iterator[Mosquitto]:
    """A broker that lets anybody in; for awscrt, devices go by certificate."""
    secured = None
    if transport == "aws":
        secured = like_aws(request.getfixturevalue("house_authority"), request.getfixturevalue("server_certificate"))
    with Mosquitto(tmp_path / "mosquitto", secured=secured) as running:
        yield running


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Subscriber]:
    """Hears everything at ``broker``."""
    with Subscriber(broker.port) as subscribed:
        yield subscribed


@pytest.fixture
def links(transport: str, request: pytest.FixtureRequest) -> Iterator[Links]:
    """Links of the device ``hat-1``."""
    shown = {}
    if transport == "aws":
        shown = aws_settings(request.getfixturevalue("house_authority"), request.getfixturevalue("device_certificate"))
    with Links(**shown) as made:
        yield made


@pytest.fixture
def make_link(links: Links) -> MakeLink:
    """Makes started links of the device ``hat-1``: ``make_link(port=broker.device_port, username=...)``."""
    return links.make
