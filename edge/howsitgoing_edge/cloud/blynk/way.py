"""The way to the server: which one, when to try again, and what to say of it."""

from __future__ import annotations

import logging
import random
from ipaddress import ip_address
from typing import Final

from howsitgoing_edge.cloud.blynk.access import BlynkAccess, read_access
from howsitgoing_edge.cloud.blynk.pauses import Pauses
from howsitgoing_edge.errors import BlynkError, EdgeError
from howsitgoing_edge.settings import BlynkSettings

REDIRECTS: Final = 3

log = logging.getLogger(__name__)


class Way:
    """Used by one thread; `problem` may be read by any."""

    def __init__(self, settings: BlynkSettings, pauses: Pauses) -> None:
        """Reads the files that ``settings`` name.

        Raises:
            ConfigError: a file, the token or the address cannot be used.
        """
        self.problem: str | None = None
        self._settings = settings
        self._pauses = pauses
        self._elsewhere: BlynkAccess | None = None
        self._failures = self._redirects = 0
        self._said: set[str] = set()
        access = read_access(settings)
        self.fingerprint = access.fingerprint
        if access.tls is None and not _is_nearby(access.host):
            log.warning("blynk.tls is off: the token crosses the network to %s unencrypted", access.address)

    def access(self) -> BlynkAccess:
        """To the server that is to be tried now. Raises as `__init__`."""
        return self._elsewhere or read_access(self._settings)

    def arrived(self, access: BlynkAccess) -> None:
        """It lets us in."""
        self.problem = None
        self.say(f"connected to {access.who}", logging.INFO)

    def redirected(self, access: BlynkAccess, held: float) -> float:
        """The server sends us on after ``held`` seconds; how many to wait."""
        self._redirects = 1 if held >= self._pauses.steady else self._redirects + 1
        if self._redirects > REDIRECTS:
            return self.failed(BlynkError(f"Blynk's servers send us around in circles, last to {access.address}"), held)
        self.say(f"Blynk sends us to {access.address}", logging.INFO)
        self._elsewhere = access
        return 0.0

    def failed(self, error: EdgeError, held: float) -> float:
        """No connection, or none any more after ``held`` seconds; how many to wait."""
        if held >= self._pauses.steady:
            self._failures = 0
            self._said.clear()
        self._failures += 1
        self._redirects, self._elsewhere = 0, None  # from the configured server on again
        self.problem = str(error)
        self.say(self.problem)
        return self._pauses.after(error, self._failures, random.random())  # noqa: S311  no secret

    def say(self, text: str, level: int = logging.WARNING) -> None:
        """Log it, once until a connection has held for a while: a network that comes and goes must not fill the journal."""
        if text not in self._said:
            self._said.add(text)
            log.log(level, "%s", text)


def _is_nearby(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
