"""The cloud functions as processes of their own: functions-framework over real HTTP, against the emulators.

    with ingest(cloud, folder) as server:
        httpx.post(f"{server.url}/v1/samples", ...)

The audience that tokens must name is `AUDIENCE` unless the test sets HOWSITGOING_CLOUD_AUDIENCE in ``more``.
"""

from __future__ import annotations

from pathlib import Path

from support.emulators import Emulators

from howsitgoing_cloud.local.functions import function
from howsitgoing_cloud.local.processes import Server

AUDIENCE = "https://cloud.example/ingest"


def a_function(target: str, cloud: Emulators, folder: Path, port: int | None = None, **more: str) -> Server:
    """Any entry point of cloud/main.py; enter it to start, leave it to end."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"HOWSITGOING_CLOUD_AUDIENCE": AUDIENCE, **cloud.environment, **more}
    return function(target, folder, environment, port)


def ingest(cloud: Emulators, folder: Path, port: int | None = None, **more: str) -> Server:
    """The function that devices talk to; at the same ``port`` it can be ended and started again."""
    return a_function("ingest", cloud, folder, port, **more)
