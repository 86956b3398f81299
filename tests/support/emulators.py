"""Google's Firestore emulator and a Storage emulator for tests, and clients that talk to them.

    with emulators(folder) as cloud:
        cloud.firestore.collection("samples")...
        cloud.bucket.list_blobs()
        ...cloud.environment...   # for processes that shall find them

They hold all in memory. `Emulators.empty` forgets it, so that one pair can serve a whole module.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from howsitgoing_cloud.errors import ConfigError
from howsitgoing_cloud.local.emulators import emulator_environment, firestore_emulator, storage_emulator
from howsitgoing_cloud.local.processes import Server
from howsitgoing_cloud.wire import Documents

PROJECT = "demo-howsitgoing"
BUCKET = "demo-howsitgoing-faces"
RULES = Path(__file__).parents[2] / "cloud" / "rules"


@dataclass(frozen=True)
class Emulators:
    """Both, running."""

    firestore_server: Server
    storage_server: Server

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a process that shall use them as the cloud."""
        return {
            **emulator_environment(self.firestore_server, self.storage_server),
            "HOWSITGOING_CLOUD_PROJECT": PROJECT,
            "HOWSITGOING_CLOUD_BUCKET": BUCKET,
        }

    @cached_property
    def firestore(self) -> Any:  # noqa: ANN401  google's clients carry no types
        """A google.cloud.firestore.Client that may do everything, as the functions may."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import firestore

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIRESTORE_EMULATOR_HOST", self.firestore_server.host)
            return firestore.Client(project=PROJECT, credentials=AnonymousCredentials())

    @cached_property
    def documents(self) -> Documents:
        """The same database, as `ingest` reaches it."""
        return Documents.of(PROJECT, "(default)", None, self.firestore_server.host)

    @cached_property
    def bucket(self) -> Any:  # noqa: ANN401
        """The google.cloud.storage.Bucket for the crops."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        client = storage.Client(
            project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": self.storage_server.url}
        )
        return client.bucket(BUCKET)

    def empty(self) -> None:
        """Forget all documents and all objects."""
        where = f"{self.firestore_server.url}/emulator/v1/projects/{PROJECT}/databases/(default)/documents"
        with urllib.request.urlopen(urllib.request.Request(where, method="DELETE"), timeout=60):  # noqa: S310  loopback
            pass
        for blob in list(self.bucket.list_blobs()):
            blob.delete()


@contextmanager
def emulators(folder: Path, rules: Path | None = None) -> Iterator[Emulators]:
    """Both emulators, each a process of its own, ended afterwards; skips where one is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        _or_skip(lambda: firestore_emulator(folder, rules)) as firestore,
        _or_skip(lambda: storage_emulator(folder, BUCKET)) as storage,
    ):
        yield Emulators(firestore, storage)


@contextmanager
def firestore_alone(folder: Path, rules: Path | None = None) -> Iterator[Server]:
    """The Firestore emulator alone, e.g. to try rules."""
    folder.mkdir(parents=True, exist_ok=True)
    with _or_skip(lambda: firestore_emulator(folder, rules)) as server:
        yield server


def _or_skip(make: Callable[[], Server]) -> Server:
    try:
        return make()
    except ConfigError as missing:
        pytest.skip(str(missing))
