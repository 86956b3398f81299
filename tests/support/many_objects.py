"""Both emulators, for many objects: the Storage emulator writes a list of all its objects into its memory at each upload.

Nobody reads that list while it holds all in memory, and writing it makes 50,000 uploads take hours; here it is left out.
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
    from gcp_storage_emulator.__main__ import main
    from gcp_storage_emulator.storage import Storage

    Storage._write_config_to_file = lambda _: None
    main(sys.argv[1:])
