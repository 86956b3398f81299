"""The whole cloud side: both emulators, each function in a process of its own, and the events between them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from howsitgoing_cloud.documents import CREATED, DELETED
from howsitgoing_cloud.errors import ConfigError, PermanentError
from howsitgoing_cloud.local.emulators import emulator_environment, firestore_emulator, storage_emulator
from howsitgoing_cloud.local.functions import function
from howsitgoing_cloud.local.processes import LOOPBACK, Server, free_port
from howsitgoing_cloud.local.relay import Relay
from howsitgoing_cloud.local.state import BUCKET, PROJECT, Serving

_LOOK_S: Final = 0.2


class Everything:
    """What runs."""

    def __init__(self, serving: Serving, servers: list[Server]) -> None:
        """All of it has been started."""
        self.serving = serving
        self._servers = servers

    def wait(self, ended: Callable[[], bool]) -> None:
        """Until ``ended``.

        Raises:
            PermanentError: a part of it has ended by itself.
        """
        while not ended():
            for server in self._servers:
                if server.pid is None:
                    raise PermanentError(f"the {server.name} has ended; its log is {server.log}")
            time.sleep(_LOOK_S)


@contextmanager
def everything(folder: Path, secrets: Path, port: int, blynk_server: str | None) -> Iterator[Everything]:
    """Started, and ended afterwards.

    Args:
        folder: for logs.
        secrets: folder of the tokens, one file (0600) each.
        port: of ingest; 0 = any.
        blynk_server: None = Blynk's own.

    Raises:
        ConfigError: a program is missing, or the port is taken.
        PermanentError: something does not start.
    """
    chosen = _free(port) if port else free_port()
    url = f"http://{LOOPBACK}:{chosen}"
    with ExitStack() as stack:
        firestore = stack.enter_context(firestore_emulator(folder))
        storage = stack.enter_context(storage_emulator(folder, BUCKET))
        environment = {
            **emulator_environment(firestore, storage),
            "HOWSITGOING_CLOUD_PROJECT": PROJECT,
            "HOWSITGOING_CLOUD_BUCKET": BUCKET,
            "HOWSITGOING_CLOUD_AUDIENCE": url,
            "HOWSITGOING_CLOUD_SECRETS": "files",
            "HOWSITGOING_CLOUD_SECRETS_FOLDER": str(secrets),
        }
        if blynk_server is not None:
            environment["HOWSITGOING_CLOUD_BLYNK_SERVER"] = blynk_server
        ingest = stack.enter_context(function("ingest", folder, environment, chosen))
        deleting = stack.enter_context(function("on_sample_deleted", folder, environment))
        pushing = stack.enter_context(function("push_to_blynk", folder, environment))
        os.environ.update(environment)  # the relay's own client is led to the emulator by it
        from google.auth.credentials import AnonymousCredentials
        from google.cloud.firestore import Client

        client = Client(project=PROJECT, credentials=AnonymousCredentials())
        stack.enter_context(Relay(client, {CREATED: pushing.url, DELETED: deleting.url}))
        yield Everything(Serving(os.getpid(), url, environment), [firestore, storage, ingest, deleting, pushing])


def _free(port: int) -> int:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        raise ConfigError(f"something else listens at port {port}: end it, or name another with --port") from None
    return port
