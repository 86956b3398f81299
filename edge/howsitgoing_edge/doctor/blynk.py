"""The carer's Blynk dashboard: reached, and let in, with the token configured."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Final

from howsitgoing_edge.cloud.blynk.access import read_access
from howsitgoing_edge.cloud.blynk.line import Waker
from howsitgoing_edge.cloud.blynk.links import opener
from howsitgoing_edge.cloud.blynk.streams import Pin
from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.settings import BlynkSettings

_ANSWER_SECONDS: Final = 3.0


def blynk(settings: BlynkSettings) -> Finding:
    """Connects, asks for the switch, and parts; an agent that runs meanwhile is cut off for a moment and comes back.

    Raises:
        EdgeError: it is not reached, or does not let us in.
    """
    if settings.link == "off":
        return Finding("blynk", State.UNUSED, "switched off by blynk.link")
    access = read_access(settings)
    with closing(Waker()) as waker, closing(opener(settings.link)(access, waker)) as line:
        line.ask(Pin.RECOGNITION)
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not line.settled and (left := deadline - time.monotonic()) > 0:
            line.listen(left)
        complaint = line.complaint
    secured = "encrypted" if access.tls else "not encrypted"
    if complaint:
        what, _, advice = complaint.partition("; ")
        return Finding("blynk", State.LIMITED, what, advice)
    fed = "the mood is shown by this device" if settings.feed else "blynk.feed is off: the switch and availability alone"
    return Finding("blynk", State.WORKS, f"{access.address} lets us in (by {settings.link}, {secured}); {fed}")
