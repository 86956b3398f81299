"""What this machine has and reaches: cameras and brokers that ``howsitgoing setup`` can offer."""

from __future__ import annotations

import importlib.util
import os
import socket
import time
from pathlib import Path
from threading import Thread

from howsitgoing_edge.contract import LANGUAGES

_FACTS = Path("/sys/class/video4linux")
_HOSTS = ("127.0.0.1", "homeassistant.local", "homeassistant", "mosquitto.local")
"""Where a household's broker usually is"""
_PORT = 1883
_PATIENCE_SECONDS = 1.5


def cameras() -> dict[str, str]:
    """Source -> its name for people, best first."""
    from howsitgoing_edge.camera.webcam import webcams

    found = {"picamera": "the Raspberry Pi's own camera"} if importlib.util.find_spec("picamera2") else {}
    for device in webcams():
        found[str(device)] = _name(device)
    return found


def brokers() -> list[str]:
    """Hosts, of the usual ones, where something listens on MQTT's port."""
    found: dict[str, bool] = {}
    for host in _HOSTS:  # daemons, and a deadline for all: looking a name up may take as long as it likes
        Thread(target=_note_whether_it_listens, args=(host, found), daemon=True).start()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(found) < len(_HOSTS) and time.monotonic() < deadline:
        time.sleep(0.05)
    return [host for host in _HOSTS if found.get(host)]


def language() -> str:
    """The one of the system, where it is spoken, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return named[:2] if named[:2] in LANGUAGES else "en"


def _name(device: Path) -> str:
    try:
        return (_FACTS / device.name / "name").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "webcam"


def _note_whether_it_listens(host: str, found: dict[str, bool]) -> None:
    try:
        socket.create_connection((host, _PORT), _PATIENCE_SECONDS).close()
    except OSError:
        found[host] = False
    else:
        found[host] = True
