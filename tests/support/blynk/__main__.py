"""Blynk's servers as a program, for demos: ``python -m support.blynk [--token TOKEN] [--web 8880] [--mqtt 1883]``.

Without TLS, on the loopback. Open the printed address in a browser to see the dashboard and flip its switch.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from support.blynk.cloud import BlynkCloud
from support.blynk.server import TOKEN, BlynkStandIn


def main() -> None:
    """Until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="support.blynk", description=__doc__)
    parser.add_argument("--token", action="append", help=f"a device's token, once for each device; default {TOKEN}")
    for name, what in (("web", "HTTP API and the page"), ("device", "the libraries' protocol"), ("mqtt", "MQTT API")):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="PORT", help=f"{what}; 0: any")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    cloud = BlynkCloud(*(given.token or [TOKEN]))
    with BlynkStandIn(cloud=cloud, ports=(given.web, given.device, given.mqtt)) as blynk:
        sys.stdout.write(
            f"dashboard {blynk.web_address}/\nstate {blynk.web_address}/state.json\n"
            f"device 127.0.0.1:{blynk.device_port}\nmqtt 127.0.0.1:{blynk.mqtt_port}\n"
        )
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
