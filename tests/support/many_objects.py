"""Both emulators, for many objects: two habits of the Storage emulator that the service does not have are left out here.

It writes a list of all its objects into its memory at each upload; nobody reads that while it holds all in memory, and it makes
50,000 uploads take hours. And it closes the connection after each request; Storage keeps connections, and clients count on it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.emulators import BUCKET, Emulators, firestore_alone

from howsitgoing_cloud.local.processes import LOOPBACK, Server, free_port


@contextmanager
def emulators_for_many(folder: Path) -> Iterator[Emulators]:
    """As `support.emulators.emulators`."""
    port = free_port()
    command = [sys.executable, __file__, "start", "--quiet", "--in-memory", "--host", LOOPBACK, "--port", str(port)]
    command += ["--default-bucket", BUCKET]
    with firestore_alone(folder) as firestore:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with Server("Storage emulator", command, port, folder / "storage.log", environment) as storage:
            yield Emulators(firestore, storage)


if __name__ == "__main__":
    import threading
    from http.server import ThreadingHTTPServer

    from gcp_storage_emulator import server
    from gcp_storage_emulator.__main__ import main
    from gcp_storage_emulator.storage import Storage

    class KeptConnections(server.RequestHandler):  # type: ignore[misc]  # it carries no types
        """A thread for each connection; requests are still handled one after another."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        _one = threading.Lock()

        def handle_one_request(self) -> None:
            """As ever, once there is a request."""
            if self.rfile.peek(1):
                with self._one:
                    super().handle_one_request()
            else:
                self.close_connection = True

    Storage._write_config_to_file = lambda _: None
    server.RequestHandler = KeptConnections
    server.server.HTTPServer = ThreadingHTTPServer
    main(sys.argv[1:])
