"""A device's uplink as a process of its own, that can be killed: its real outbox, sender and client, and samples by number.

    python -m support.uplink_process FOLDER URL DEVICE TIME COUNT

It notes each number it has kept in FOLDER/kept, so that the next one goes on there, and ends once all is sent.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from uuid import UUID

from support.samples import jpeg, sample

from howsitgoing_edge.cloud.assembly import make_client
from howsitgoing_edge.cloud.limits import Limits
from howsitgoing_edge.cloud.outbox import Outbox
from howsitgoing_edge.cloud.sender import Sender
from howsitgoing_edge.cloud.sharing import Sharing
from howsitgoing_edge.contract import Consent
from howsitgoing_edge.runtime.backoff import Backoff
from howsitgoing_edge.settings import CloudSettings

CONSENT = "C-2026-014"


def name_of(number: int) -> str:
    """The id of a sample: a UUIDv7 that follows from its number."""
    return str(UUID(int=(0x019BF5A1 << 96) | (7 << 76) | (2 << 62) | number))


def main(folder: Path, url: str, device: str, at: str, count: int) -> None:
    """Keep what is not kept yet, while the sender empties the outbox."""
    logging.basicConfig(level="WARNING", stream=sys.stderr, format="%(asctime)s %(message)s")
    outbox = Outbox(folder, Limits(1_000_000_000))
    settings = CloudSettings(share="faces", url=url, consent=CONSENT)
    client = make_client(settings, folder, device)
    sharing = Sharing(Consent("faces", CONSENT), folder / "cloud-stopped")
    sender = Sender(outbox, client, sharing, quick=Backoff(0.05, 0.5), slow=Backoff(0.05, 0.5))
    sender.start()
    with (folder / "kept").open("ab", buffering=0) as noted:
        for number in range(noted.tell(), count):
            outbox.put(sample(number, jpeg(number % 64), name_of(number), at), jpeg(number % 64))
            noted.write(b".")
            sender.more()
    while outbox.contents().waiting:
        threading.Event().wait(0.05)
    sender.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
