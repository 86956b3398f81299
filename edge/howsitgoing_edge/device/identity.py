"""The device's name in topics: configured, or made once and kept."""

from __future__ import annotations

import logging
import re
import secrets
import socket
import string
from pathlib import Path

from howsitgoing_edge.contract import ContractError, check_device_id
from howsitgoing_edge.settings import DeviceSettings

FILE_NAME = "device_id"
_SUFFIX_LENGTH = 4
_HOST_LENGTH = 32 - 1 - _SUFFIX_LENGTH
log = logging.getLogger(__name__)


def device_id(settings: DeviceSettings, folder: Path) -> str:
    """The configured id; else the one kept in ``folder``; else a new one, of the host's name and a random suffix, and kept.

    Two devices from copies of one card share a host name: hence the suffix.
    """
    if settings.id is not None:
        return settings.id
    file = folder / FILE_NAME
    try:
        return check_device_id(file.read_text("utf-8").strip())
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError, ContractError) as error:
        log.warning("%s is unreadable (%s): this device gets a new id", file, error)
    made = _made()
    try:
        file.write_text(made + "\n", "utf-8")
    except OSError as error:
        log.warning("the device id %s cannot be kept in %s (%s): name one as [device] id", made, folder, error.strerror)
    return made


def _made() -> str:
    host = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().partition(".")[0].lower()).strip("-") or "device"
    suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(_SUFFIX_LENGTH))
    return f"{host[:_HOST_LENGTH].rstrip('-')}-{suffix}"
