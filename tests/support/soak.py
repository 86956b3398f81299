"""Many samples from a real process to the real function and the emulators, while everything in between fails in turn."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from support.emulators import Emulators
from support.functions import ingest
from support.proxy import Proxy
from support.samples import jpeg
from support.senders import Sender
from support.uplink_process import name_of
from support.waiting import until

from howsitgoing_cloud.local.processes import Server, free_port
from howsitgoing_edge.cloud.identity import make_key
from howsitgoing_edge.cloud.outbox import FILE_NAME
from howsitgoing_edge.contract import to_rfc3339

BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
DEVICE: Final = "soak-1"
TESTS: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    stored: set[str]
    """Ids of the documents"""
    crops: set[str]
    """Ids whose crop is there, with the hash that the document names"""
    seconds: float
    kills: int
    log: str
    """What the process said"""


class _Soak:
    def __init__(self, folder: Path, count: int, cloud: Emulators, server: Server, network: Proxy) -> None:
        self.folder, self.count, self.cloud, self.server, self.network = folder, count, cloud, server, network
        self.kills = 0
        self._at = to_rfc3339(time.time())
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        url = f"http://127.0.0.1:{self.network.port}"
        words = [str(self.folder), url, DEVICE, self._at, str(self.count)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.uplink_process", *words],
                env={**os.environ, "PYTHONPATH": str(TESTS)},
                stderr=log,
            )

    def kill(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            return
        self._process.kill()
        self._process.wait(10)
        self.kills += 1

    def restart_device(self) -> None:
        self.kill()
        self.start()

    def restart_function(self) -> None:
        self.server.stop()
        time.sleep(0.3)
        self.server.start()

    def lose_answers(self) -> None:
        """What is sent arrives, and nobody hears of it."""
        self.network.answers_arrive = False
        time.sleep(0.5)
        self.network.answers_arrive = True
        self.network.cut()

    def overload(self) -> None:
        """A load balancer in front that says 503."""
        self.network.instead = BUSY
        self.network.cut()
        time.sleep(0.5)
        self.network.instead = None

    def wait_until_stored(self, count: int) -> None:
        """By what has left the outbox: counting documents would slow the emulator down."""
        kept = self.folder / "kept"

        def reached() -> bool:
            assert self._process is not None
            assert self._process.poll() in {None, 0}, (self.folder / "log").read_text()
            there = kept.stat().st_size if kept.exists() else 0
            return self._process.poll() == 0 or (there >= max(1, count) and there - self._waiting() >= count)

        until(reached, 60 + self.count / 10, every=0.05)

    def _waiting(self) -> int:
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / FILE_NAME}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM sample").fetchone()[0])

    def finish(self) -> None:
        assert self._process is not None
        self._process.wait(120 + self.count / 10)
        assert self._process.returncode == 0, (self.folder / "log").read_text()


def soak(
    folder: Path, count: int, cloud: Emulators, *, rounds: int = 1, told: Callable[[str], None] = lambda _line: None
) -> Outcome:
    """Send so many samples with pictures; the series of failures is gone through ``rounds`` times, and ``told``."""
    folder.mkdir(parents=True, exist_ok=True)
    device = Sender(DEVICE, key=make_key(folder))
    cloud.firestore.document(f"devices/{DEVICE}").set(device.document())
    with contextlib.ExitStack() as running:
        port = free_port()
        network = running.enter_context(Proxy(port))
        known = {
            "HOWSITGOING_CLOUD_AUDIENCE": f"http://127.0.0.1:{network.port}",
            "HOWSITGOING_CLOUD_DEVICE_PER_MINUTE": "100000",
        }
        server = running.enter_context(ingest(cloud, folder / "ingest", port, **known))
        one = _Soak(folder, count, cloud, server, network)
        failures: list[Callable[[], None]] = [
            one.restart_device,
            one.lose_answers,
            one.restart_function,
            one.overload,
            one.restart_device,
        ] * rounds
        begun = time.monotonic()
        one.start()
        running.callback(one.kill)
        for number, fail in enumerate(failures, 1):
            one.wait_until_stored(count * number // (len(failures) + 1))
            fail()
            told(f"{time.monotonic() - begun:.0f} s, {number}/{len(failures)}: {fail.__name__}")
        one.finish()
        seconds = time.monotonic() - begun
    return Outcome(*_found(cloud), seconds, one.kills, (folder / "log").read_text())


def wanted(count: int) -> set[str]:
    """Ids of all samples."""
    return {name_of(number) for number in range(count)}


def _found(cloud: Emulators) -> tuple[set[str], set[str]]:
    documents = {document.id: document.to_dict() for document in cloud.firestore.collection("samples").stream()}
    hashes = {blob.name: blob for blob in cloud.bucket.list_blobs()}
    assert len(hashes) == len(documents), "no crop without its document"
    return set(documents), set(_right(documents, hashes))


def _right(documents: dict[str, dict[str, object]], blobs: dict[str, Any]) -> Iterator[str]:
    known = {hashlib.sha256(jpeg(number)).hexdigest() for number in range(64)}
    for name, document in documents.items():
        image = document["image"]
        assert isinstance(image, dict)
        blob = blobs.get(image["path"])
        if (
            blob is not None
            and image["sha256"] in known
            and hashlib.sha256(blob.download_as_bytes()).hexdigest() == image["sha256"]
        ):
            yield name
