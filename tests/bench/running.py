"""What surrounds a running agent: a folder, a loudspeaker that nobody hears, and waiting."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.sound import SoundServer

from .parts import yunet_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """With a short name, since sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="hig-") as name:
        yield Path(name)


@contextlib.contextmanager
def loudspeaker() -> Iterator[dict[str, str]]:
    """What leads a process to a sound server with one silent loudspeaker; without PipeWire: what switches sound off."""
    with contextlib.ExitStack() as open_things:
        place = open_things.enter_context(folder())
        try:
            server = open_things.enter_context(SoundServer(place / "s"))
            server.plug_in("speaker")
            variables = server.variables
        except pytest.skip.Exception:
            variables = {"HOWSITGOING_SPEECH__OUTPUT": "off"}
        yield variables


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These variables for this process, and for what it starts."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def with_yunet() -> dict[str, str]:
    """What leads a process to YuNet's file, where there is one."""
    file = yunet_file()
    return {} if file is None else {"HOWSITGOING_VISION__YUNET_FILE": str(file)}


def sleep_until(moment: float) -> None:
    """On the monotonic clock."""
    threading.Event().wait(max(0.0, moment - time.monotonic()))
