"""Blynk's servers, and devices at them by either link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from support.blynk.cloud import BlynkCloud
from support.blynk.panels import LINKS, PanelDevice
from support.blynk.server import TOKEN, BlynkStandIn
from support.certificates import Authority


class MakeDevice(Protocol):
    """Makes a started device at ``blynk``."""

    def __call__(self, **changes: Any) -> PanelDevice:  # noqa: ANN401  any setting
        """``changes``: ``recognition``, or fields of BlynkSettings."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certifies the stand-ins of all tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def blynk(authority: Authority) -> Iterator[BlynkStandIn]:
    """Blynk's servers with one device, over TLS."""
    with BlynkStandIn(cloud=BlynkCloud(TOKEN), authority=authority) as running:
        yield running


@pytest.fixture(params=LINKS)
def link(request: pytest.FixtureRequest) -> str:
    """Both ways to Blynk."""
    return str(request.param)


@pytest.fixture
def make_device(blynk: BlynkStandIn, link: str, tmp_path: Path) -> Iterator[MakeDevice]:
    """Makes devices that are switched off in the end; they share the folder in which a device remembers."""
    with ExitStack() as running:

        def make(**changes: Any) -> PanelDevice:  # noqa: ANN401  any setting
            return running.enter_context(PanelDevice(blynk, tmp_path, link, **changes))

        yield make
