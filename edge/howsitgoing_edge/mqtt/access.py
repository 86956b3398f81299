"""What it takes to be let in by the broker: address, user, password, certificates, each read and checked before it is used."""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path

from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.settings import MqttSettings, TlsSettings

PLAIN_PORT, TLS_PORT, WEB_PORT = 1883, 8883, 443
ALPN = "x-amzn-mqtt-ca"
"""By it, AWS tells MQTT from all else at `WEB_PORT` (AWS IoT Core, developer guide: device communication protocols)"""
LONGEST_PASSWORD = 65_535
"""Bytes; MQTT can carry no longer one"""


@dataclass(frozen=True)
class Access:
    """Everything that `Connection` needs to get in."""

    host: str
    port: int
    keepalive: int
    """Seconds"""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    """PEM; what we show of ourselves"""
    key: bytes | None = field(default=None, repr=False)
    """PEM"""
    authority: bytes | None = field(default=None, repr=False)
    """PEM; None: the system's"""
    aws: bool = False

    @property
    def certified(self) -> bool:
        """We show a client certificate."""
        return self.certificate is not None

    @property
    def own_authority(self) -> bool:
        """The broker's authority is named, not one of the system's."""
        return self.authority is not None

    @property
    def alpn(self) -> str | None:
        """By what name we ask for MQTT where other protocols are spoken as well."""
        return ALPN if self.aws and self.port == WEB_PORT else None

    @property
    def rules(self) -> str:
        """For people: where the broker's owner says who may do what."""
        return "the policy of its certificate" if self.aws else "the broker's access rules"

    @property
    def address(self) -> str:
        """For people, e.g. ``broker.home:1883``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_access(settings: MqttSettings) -> Access:
    """Reads the files that ``settings`` name. Called again for each connection, so renewed certificates are taken up.

    Raises:
        ConfigError: a file is missing, unreadable, not what it should be or readable by everybody; an impossible host.
    """
    _check_host(settings.host)
    password = _password(settings)
    if password is not None and settings.username is None:
        raise ConfigError("mqtt.username is missing: a password alone lets nobody in")
    tls = settings.tls
    access = Access(
        host=settings.host,
        port=settings.port or (PLAIN_PORT if tls is None else TLS_PORT),
        keepalive=settings.keepalive,
        username=settings.username,
        password=password,
        tls=None if tls is None else _tls(tls),
        certificate=_read(tls.certificate, "mqtt.tls.certificate") if tls and tls.certificate else None,
        key=_read(tls.key, "mqtt.tls.key", secret=True) if tls and tls.key else None,
        authority=_read(tls.ca_file, "mqtt.tls.ca_file") if tls and tls.ca_file else None,
        aws=settings.transport == "aws",
    )
    if access.tls is not None and access.alpn is not None:
        access.tls.set_alpn_protocols([access.alpn])
    return access


def _check_host(host: str) -> None:
    if "/" in host or host.count(":") == 1:
        raise ConfigError(f"mqtt.host {host!r}: the name or address alone; the port goes to mqtt.port, and mqtt.tls encrypts")
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise ConfigError(f"mqtt.host {host!r}: no host can be called that") from error


def _password(settings: MqttSettings) -> str | None:
    if settings.password is not None:
        return settings.password.get_secret_value()
    if settings.password_file is None:
        return None
    content = _read(settings.password_file, "mqtt.password_file", secret=True)
    try:
        password = content.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"mqtt.password_file {settings.password_file}: is not text") from error
    if not password or len(content) > LONGEST_PASSWORD:
        raise ConfigError(
            f"mqtt.password_file {settings.password_file}: must hold the password alone, and is empty or far too long"
        )
    return password


def _tls(settings: TlsSettings) -> ssl.SSLContext:
    if settings.ca_file is not None:
        _read(settings.ca_file, "mqtt.tls.ca_file")
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)  # checks the broker's certificate and its name
    except ssl.SSLError as error:
        raise ConfigError(f"mqtt.tls.ca_file {settings.ca_file}: holds no certificate in PEM form ({_why(error)})") from error
    if settings.certificate is not None and settings.key is not None:
        _read(settings.certificate, "mqtt.tls.certificate")
        _read(settings.key, "mqtt.tls.key", secret=True)
        _show_certificate(context, settings.certificate, settings.key)
    return context


def _show_certificate(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    asked = False

    def passphrase() -> str:  # without this, OpenSSL would ask on the terminal and wait for ever
        nonlocal asked
        asked = True
        return ""

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except (ssl.SSLError, ValueError) as error:
        if asked:
            raise ConfigError(
                f"mqtt.tls.key {key}: has a passphrase; write it without: openssl pkey -in {key} -out NEW"
            ) from error
        if "KEY_VALUES_MISMATCH" in str(error):
            raise ConfigError(f"mqtt.tls.key {key}: is not the key of mqtt.tls.certificate {certificate}") from error
        raise ConfigError(
            f"mqtt.tls: no certificate in {certificate}, or no key in {key}, in PEM form ({_why(error)})"
        ) from error


def _read(path: Path, setting: str, *, secret: bool = False) -> bytes:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{setting} {path}: cannot be read ({error.strerror})") from error
    if secret and mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigError(f"{setting} {path}: everybody on this machine may read or change it; do 'chmod 600 {path}'")
    return content


def _why(error: Exception) -> str:
    return getattr(error, "reason", None) or str(error)
