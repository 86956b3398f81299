"""What one instance of the function ``ingest`` bears: four devices' requests with crops, as fast as they are answered.

functions-framework with one gunicorn worker, over HTTP; the Firestore and Storage emulators and the clients run on the same
machine and take most of its time.
"""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import psutil
from support.functions import ingest
from support.many_objects import emulators_for_many
from support.senders import BOUNDARY, Sender, body, jpeg, sample

from howsitgoing_cloud.local.processes import Server

from .lines import Line

CLIENTS: Final = 4
WARM_UP: Final = 0.1
"""Share of the requests that are not counted"""
MEGABYTE: Final = 2**20
CREATED: Final = 201


class Load:
    """Requests of one device after another, until there are enough."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.latencies: list[float] = []
        self.refused: list[int] = []
        self._lock = threading.Lock()

    def run(self, sender: Sender, port: int) -> None:
        """By one connection that is kept."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        faces = [jpeg(shade=shade) for shade in range(20)]
        while self._one_more():
            face = faces[self.left % len(faces)]
            raw = body(json.dumps(sample(face)).encode(), face)
            headers = {
                "Authorization": f"Bearer {sender.token(raw)}",
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            }
            started = time.perf_counter()
            connection.request("POST", "/v1/samples", raw, headers)
            answer = connection.getresponse()
            answer.read()
            took = time.perf_counter() - started
            with self._lock:
                self.latencies.append(took)
                if answer.status != CREATED:
                    self.refused.append(answer.status)
        connection.close()

    def _one_more(self) -> bool:
        with self._lock:
            self.left -= 1
            return self.left >= 0


def bench(count: int) -> list[Line]:
    """Latency, throughput and memory over so many requests."""
    with (
        tempfile.TemporaryDirectory() as name,
        emulators_for_many(Path(name)) as cloud,
        ingest(cloud, Path(name), HOWSITGOING_CLOUD_DEVICE_PER_MINUTE="100000") as server,
    ):
        senders = [Sender(f"hat-{number}") for number in range(CLIENTS)]
        for sender in senders:
            cloud.firestore.document(f"devices/{sender.device_id}").set(sender.document())
        _run(round(WARM_UP * count), senders, server)
        busy = _cpu(server)
        before, size = _memory(server), len(body(json.dumps(sample(jpeg())).encode(), jpeg()))
        started = time.perf_counter()
        load = _run(count, senders, server)
        took = time.perf_counter() - started
        after, busy = _memory(server), _cpu(server) - busy
    if load.refused:
        raise RuntimeError(f"{len(load.refused)} of {count} requests were not stored: {load.refused[:5]}")
    latencies = [1000 * one for one in load.latencies]
    what = f"{count} requests of {size / 1000:.1f} kB, {CLIENTS} at once"
    return [
        Line("ingest", "requests with crops", count / took, "1/s", 100, at_least=True, note=what),
        Line("ingest", "median", statistics.median(latencies), "ms"),
        Line("ingest", "p95", statistics.quantiles(latencies, n=20)[18], "ms", 100),
        Line("ingest", "processor time of the function", 1000 * busy / count, "ms a request", 10),
        Line("ingest", "memory after the first tenth", before / MEGABYTE, "MB"),
        Line("ingest", "memory at the end", after / MEGABYTE, "MB"),
        Line("ingest", "growth by request", (after - before) / count, "B", 200),
    ]


def _run(count: int, senders: list[Sender], server: Server) -> Load:
    load = Load(count)
    clients = [threading.Thread(target=load.run, args=(sender, server.port)) for sender in senders]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return load


def _memory(server: Server) -> int:
    """Resident bytes of the worker: the largest of the family; the others are gunicorn's master."""
    master = psutil.Process(server.pid)
    return int(max(one.memory_info().rss for one in (master, *master.children(recursive=True))))


def _cpu(server: Server) -> float:
    """Seconds, of all its family."""
    master = psutil.Process(server.pid)
    times = [one.cpu_times() for one in (master, *master.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))
