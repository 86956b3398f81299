"""``howsitgoing-cloud`` as a person runs it: commands to their end, and ``serve`` until it is ended.

    with serving(home) as cloud:
        cloud.url                       # for the device
        run_cloud("devices", "list", "--local")

Both find each other by HOME, which the fixture ``own_home`` sets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from howsitgoing_cloud.errors import ConfigError
from howsitgoing_cloud.local.emulators import find_firestore_jar

COMMAND = [sys.executable, "-m", "howsitgoing_cloud.cli"]


@dataclass(frozen=True)
class Cloud:
    """What runs."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]


def run_cloud(
    *words: str, seconds: float = 60, environment: Mapping[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; None in ``environment`` takes a variable out."""
    changed = {**os.environ, "COLUMNS": "120", **(environment or {})}
    return subprocess.run(
        [*COMMAND, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={name: value for name, value in changed.items() if value is not None},
    )


@contextmanager
def serving(*words: str) -> Iterator[Cloud]:
    """The whole cloud side, at any port; ended as Ctrl-C would. Skips where the Firestore emulator is missing."""
    try:
        find_firestore_jar()
    except ConfigError as missing:
        pytest.skip(str(missing))
    command = [*COMMAND, "serve", "--port", "0", "--json", *words]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()  # it comes, or the pipe ends with the process
        assert line, process.stderr.read()
        content = json.loads(line)
        yield Cloud(content["url"], content["environment"], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()
            process.stderr.close()
