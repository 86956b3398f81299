"""A mosquitto at home that hears devices which are away: the lines of its configuration. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from howsitgoing_edge.contract import DELIVERY, Topic
from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.mqtt.access import ALPN, WEB_PORT

STATE_TOPIC: Final = "howsitgoing-bridge/state"
"""At home, retained: 1 while the bridge is up, else 0"""
_HEARD: Final = tuple(kind for kind in DELIVERY if kind not in {Topic.SET, Topic.SAY, Topic.UPDATE})
_COMMANDED: Final = (f"{Topic.SET}/#", str(Topic.SAY), str(Topic.UPDATE))
_ROOT: Final = "howsitgoing/"


@dataclass(frozen=True)
class Bridge:
    """From the broker far away to the one at home."""

    endpoint: str
    """Of the broker far away"""
    port: int
    name: str
    """Its client id there; on AWS the name of its thing"""
    certificate: Path
    key: Path
    authority: Path | None
    """None: the system's"""
    devices: tuple[str, ...] = ()
    """Only these; none: all"""


def bridge_config(bridge: Bridge) -> str:
    """What belongs into a file of mosquitto's ``conf.d``.

    No message can go round: what comes in and what goes out are different topics.

    Raises:
        ConfigError: a value cannot stand in such a file.
    """
    trust = f"bridge_cafile {bridge.authority}" if bridge.authority else "bridge_capath /etc/ssl/certs"
    lines = [
        "# Written by 'howsitgoing bridge config'. How's it going? devices that are away, heard at this broker.",
        f"connection howsitgoing-{bridge.name}",
        f"address {bridge.endpoint}:{bridge.port}",
        f"remote_clientid {bridge.name}",
        trust,
        f"bridge_certfile {bridge.certificate}",
        f"bridge_keyfile {bridge.key}",
        *([f"bridge_alpn {ALPN}"] if bridge.port == WEB_PORT else []),
        "",
        "# MQTT 5, or what is retained there would not be kept up to date here",
        "bridge_protocol_version mqttv50",
        "# AWS hangs up on a bridge that says it is one, and on what its policy does not allow",
        "try_private false",
        "bridge_attempt_unsubscribe false",
        "# After an outage: all that is retained, anew; but no old news, and no old commands",
        "cleansession true",
        "keepalive_interval 60",
        "restart_timeout 2 30",
        f"# At home alone: {STATE_TOPIC} is 1 while this bridge is up, else 0",
        "notifications true",
        "notifications_local_only true",
        f"notification_topic {STATE_TOPIC}",
        "",
        "# Heard from the devices",
        *(f"topic {device}/{kind} in 1 {_ROOT} {_ROOT}" for device in _devices(bridge) for kind in _HEARD),
        "# Told to the devices",
        *(f"topic {device}/{command} out 1 {_ROOT} {_ROOT}" for device in _devices(bridge) for command in _COMMANDED),
    ]
    broken = next((line for line in lines if any(ord(character) < ord(" ") for character in line)), None)
    if broken is not None:
        raise ConfigError(f"this cannot stand in mosquitto's configuration: {broken!r}")
    return "\n".join(lines) + "\n"


def _devices(bridge: Bridge) -> tuple[str, ...]:
    return bridge.devices or ("+",)
