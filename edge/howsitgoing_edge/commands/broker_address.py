"""``--mqtt``: a broker's address on the command line, as settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from howsitgoing_edge.configuration import Flag
from howsitgoing_edge.errors import ConfigError

FLAG = "--mqtt"
_SCHEMES = {"mqtt": False, "mqtts": True}
"""Scheme -> whether it is encrypted"""


def broker_flags(text: str) -> list[Flag]:
    """The settings in ``off``, ``own``, ``host``, ``host:port``, or ``mqtt://user@host:port`` (``mqtts`` with encryption).

    Raises:
        ConfigError: it is none of these, or holds a password, which other users of the machine could see.
    """
    if text in {"off", "own"}:
        return [Flag(FLAG, "mqtt.transport", text)]
    try:
        address = urlsplit(text if "://" in text else f"mqtt://{text}")
        port = address.port
    except ValueError as error:
        raise ConfigError(f"{FLAG} {text}: {error}") from error
    if address.scheme not in _SCHEMES or not address.hostname or address.path.strip("/"):
        raise ConfigError(f"{FLAG} {text}: must be like broker.local, broker.local:1883, or mqtts://user@broker.local")
    if address.password is not None:
        raise ConfigError(f"{FLAG}: other users could see a password given here; set HOWSITGOING_MQTT__PASSWORD instead")
    flags = [Flag(FLAG, "mqtt.transport", "paho"), Flag(FLAG, "mqtt.host", address.hostname)]
    if port is not None:
        flags.append(Flag(FLAG, "mqtt.port", port))
    if address.username:
        flags.append(Flag(FLAG, "mqtt.username", address.username))
    if _SCHEMES[address.scheme]:
        flags.append(Flag(FLAG, "mqtt.tls", {}))
    return flags
