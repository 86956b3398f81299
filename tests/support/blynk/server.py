"""Blynk's servers on the loopback.

with BlynkStandIn(tmp_path) as blynk:          # TLS with a certificate of `blynk.authority`
...blynk.web_address, blynk.mqtt_port, blynk.device_port, blynk.token...
blynk.cloud.flip(blynk.token, False)       # as the carer's app would
blynk.wait_for(lambda: blynk.values.get("V2") == "looks happy")
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Self

from support.blynk.cloud import BlynkCloud, Device, Value
from support.blynk.doors import Doors
from support.blynk.web import Web
from support.certificates import Authority, Issued

HOST = "127.0.0.1"
TOKEN = "h5gsd8YtJw-Kq2ZbN0aLpXvR4mEuCf7T"  # noqa: S105  of the shape of a real one; opens nothing


class BlynkStandIn:
    """One device of the documented template; more by ``cloud.add``. Can be stopped and started again at the same ports."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        cloud: BlynkCloud | None = None,
        authority: Authority | None = None,
        certified_for: str = "IP:127.0.0.1,DNS:localhost",
        redirect: tuple[str, int] | None = None,
        ports: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        """Starts when entered.

        Args:
            folder: where the certificates go; None: no TLS.
            cloud: what the servers know, if shared with another stand-in.
            authority: who certifies it; None: one of its own.
            certified_for: the name in its certificate.
            redirect: where devices that log in are sent.
            ports: of web, binary protocol and MQTT; 0: any.
        """
        self.cloud = cloud or BlynkCloud(TOKEN)
        self.token = TOKEN
        self.host = HOST
        self._redirect = redirect
        self._running = False
        self._ports = ports
        self.authority = authority or (Authority(folder / "authority") if folder else None)
        issued = self.authority.issue("blynk", server=True, host=certified_for) if self.authority else None
        self._tls = _context(issued) if issued else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, at the same ports as before."""
        web, device, mqtt = self._ports
        self.web = Web(self.cloud, HOST, web, self._tls)
        self.doors = Doors(self.cloud, HOST, (device, mqtt), self._tls, self._redirect)
        self._ports = self.web.port, self.doors.device_port, self.doors.mqtt_port
        self._running = True

    def stop(self) -> None:
        """Break all connections and listen no more; what the servers know stays."""
        if self._running:
            self._running = False
            self.doors.close()
            self.web.close()

    @property
    def web_address(self) -> str:
        """Of the HTTPS API and the page."""
        return f"http{'s' if self._tls else ''}://{HOST}:{self._ports[0]}"

    @property
    def device_port(self) -> int:
        """Of the binary protocol."""
        return self._ports[1]

    @property
    def mqtt_port(self) -> int:
        """Of MQTT."""
        return self._ports[2]

    @property
    def device(self) -> Device:
        """The one with `token`."""
        return self.cloud.device(self.token)

    @property
    def values(self) -> dict[str, Value]:
        """Its datastreams, by pin."""
        return self.device.values

    def flip(self, on: bool) -> None:  # noqa: FBT001  a switch
        """What the carer's app does with the switch."""
        self.cloud.flip(self.token, on)

    def wait_for(self, condition: Callable[[], object], within: float = 10) -> None:
        """Until it holds; fails the test if it does not in time."""
        self.cloud.wait_for(condition, within)


def _context(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context
