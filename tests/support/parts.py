"""Real programs that tests run: found, or the test is skipped with one line that says how to get them."""

from __future__ import annotations

import os
import shutil

import pytest

_PACKAGE_OF = {
    "aplay": "alsa-utils",
    "bluetoothd": "bluez",
    "chromium": "chromium",
    "dbus-daemon": "dbus",
    "espeak-ng": "espeak-ng",
    "ffmpeg": "ffmpeg",
    "mosquitto": "mosquitto",
    "mosquitto_passwd": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "pacat": "pulseaudio-utils",
    "pactl": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "pipewire": "pipewire",
    "pipewire-pulse": "pipewire-pulse",
    "sox": "sox",
    "systemd-analyze": "systemd",
    "wireplumber": "wireplumber",
}
_ALSO = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec/bluetooth")
"""Where daemons live, which an ordinary user's PATH leaves out."""


def need(program: str) -> str:
    """Path of ``program``; skips the test where it isn't (with CI=true the skip is a failure, see conftest)."""
    path = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *_ALSO]))
    if path is None:
        pytest.skip(f"{program} is not installed: sudo apt install {_PACKAGE_OF.get(program, program)}")
    return path
