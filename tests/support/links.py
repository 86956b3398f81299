"""Links of a device to a broker, quick to try again, closed in the end."""

from __future__ import annotations

from typing import Any, Protocol, Self

import pytest
from support.certificates import Authority, Issued

from howsitgoing_edge.mqtt.connection import OnCommand
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.mqtt.pauses import Pauses
from howsitgoing_edge.settings import MqttSettings

BOTH = pytest.mark.parametrize("transport", ["paho", "aws"], indirect=True)
"""Marks a test of behaviour that links have over either transport."""
QUICK = Pauses(first=0.05, longest=0.2, refused=0.2, steady=1)
"""Tests don't wait for a household's router to come back."""

DEVICE_PROGRAM = """
import sys
from howsitgoing_edge.mqtt.link import MqttLink
from howsitgoing_edge.settings import MqttSettings
MqttLink(MqttSettings.model_validate_json(sys.argv[1]), "hat-1", print).start()
sys.stdin.read()
"""
"""A program that is a link and nothing else, to be killed; `Links.settings` as JSON is its argument"""


def ignore(_path: str, _payload: bytes, _retained: bool) -> None:  # noqa: FBT001  an OnCommand
    """No commands wanted."""


class MakeLink(Protocol):
    """Makes a link: ``make_link(port=broker.port, username=...)``."""

    def __call__(self, *, on_command: OnCommand = ..., pauses: Pauses = ..., start: bool = ..., **settings: Any) -> MqttLink:  # noqa: ANN401
        """``settings``: fields of MqttSettings; not ``start``: the test starts it."""


class Links:
    """Keeps the links it made, to close them."""

    def __init__(self, device_id: str = "hat-1", **defaults: Any) -> None:  # noqa: ANN401  fields of MqttSettings
        """All of one device, and of the same settings unless told otherwise."""
        self._device_id = device_id
        self._defaults = {"host": "127.0.0.1", **defaults}
        self._made: list[MqttLink] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._made:
            link.close()

    def settings(self, **settings: Any) -> MqttSettings:  # noqa: ANN401
        """As a link made with the same gets them."""
        return MqttSettings(**{**self._defaults, **settings})

    def make(self, *, on_command: OnCommand = ignore, pauses: Pauses = QUICK, start: bool = True, **settings: Any) -> MqttLink:  # noqa: ANN401
        """As `MakeLink`."""
        link = MqttLink(self.settings(**settings), self._device_id, on_command, pauses)
        self._made.append(link)
        if start:
            link.start()
        return link


def aws_settings(authority: Authority, client: Issued) -> dict[str, Any]:
    """Fields of MqttSettings for a link by awscrt."""
    return {
        "transport": "aws",
        "tls": {"ca_file": authority.file, "certificate": client.certificate, "key": client.key},
    }


def like_aws(authority: Authority, server: Issued) -> str:
    """A mosquitto listener that stands in for AWS IoT Core: client certificates, and exactly their own topics for devices."""
    rules = server.certificate.with_name("like-aws.acl")
    rules.write_text("pattern readwrite howsitgoing/%u/#\n\nuser house\ntopic readwrite #\n")
    rules.chmod(0o600)
    files = f"cafile {authority.file}\ncertfile {server.certificate}\nkeyfile {server.key}\nacl_file {rules}"
    return f"{files}\nrequire_certificate true\nuse_identity_as_username true"
