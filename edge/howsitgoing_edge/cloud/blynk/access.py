"""What it takes to be let in by Blynk: address, token, certificates; read and checked before they are used."""

from __future__ import annotations

import hashlib
import re
import ssl
import stat
from dataclasses import dataclass, field, replace
from typing import Final

from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.settings import BlynkSettings

PORTS: Final = {("library", True): 443, ("library", False): 80, ("mqtt", True): 8883, ("mqtt", False): 1883}
"""Link and encryption -> Blynk's port"""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@dataclass(frozen=True)
class BlynkAccess:
    """Everything that a `Line` needs to get in."""

    host: str
    port: int
    token: str = field(repr=False)
    tls: ssl.SSLContext | None = field(repr=False)

    @property
    def address(self) -> str:
        """For people, e.g. ``blynk.cloud:8883``."""
        return f"{self.host}:{self.port}"

    @property
    def who(self) -> str:
        """Begins sentences about it."""
        return f"Blynk at {self.address}"

    @property
    def fingerprint(self) -> str:
        """Tells tokens apart without telling them."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:16]

    def redirected(self, host: str, port: str) -> BlynkAccess | None:
        """The same at another server of Blynk's; None: that is no address."""
        if not _HOST.fullmatch(host) or not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004  ports
            return None
        return replace(self, host=host, port=int(port))


def read_access(settings: BlynkSettings) -> BlynkAccess:
    """Reads the files that ``settings`` name. Called again for each connection, so a renewed token is taken up.

    Raises:
        ConfigError: a file or an address cannot be used; the message never holds the token.
    """
    host, _, port = settings.server.partition(":")
    if not _HOST.fullmatch(host) or (port and not (port.isdecimal() and 0 < int(port) < 65_536)):  # noqa: PLR2004  ports
        raise ConfigError(f"blynk.server {settings.server[:60]!r}: a name such as blynk.cloud, or name:port, and nothing else")
    return BlynkAccess(
        host=host,
        port=int(port) if port else PORTS[settings.link, settings.tls],
        token=_token(settings),
        tls=_tls(settings) if settings.tls else None,
    )


def _token(settings: BlynkSettings) -> str:
    if settings.token is not None:
        token, where = settings.token.get_secret_value(), "blynk.token"
    elif settings.token_file is not None:
        token, where = _read_token(settings), f"blynk.token_file {settings.token_file}"
    else:
        raise ConfigError(
            "blynk.token_file is missing: write the device's token (Blynk's console, Device Info) into a file of mode 0600"
        )
    if not _TOKEN.fullmatch(token):
        raise ConfigError(f"{where}: that is no token of Blynk's; it has 32 letters, digits, _ and -, and nothing else")
    return token


def _read_token(settings: BlynkSettings) -> str:
    file = settings.token_file
    assert file is not None  # noqa: S101  for mypy
    try:
        content, mode = file.read_bytes(), file.stat().st_mode
    except OSError as error:
        raise ConfigError(f"blynk.token_file {file}: cannot be read ({error.strerror})") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"blynk.token_file {file}: everybody on this machine may read it; do 'chmod 600 {file}'")
    return content.decode("ascii", "replace").strip()


def _tls(settings: BlynkSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)  # checks the server's certificate and its name
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"blynk.ca_file {settings.ca_file}: holds no certificate in PEM form ({error})") from error
    context.sslsocket_class = _TidySocket
    return context


class _TidySocket(ssl.SSLSocket):
    """Closed if the handshake fails: paho leaves it open."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  the base class has it so
        """As the base class."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise
