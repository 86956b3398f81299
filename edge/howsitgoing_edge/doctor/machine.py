"""Disk, permissions, warmth and clock."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.device.health import HOT_C, LITTLE_DISK_MB
from howsitgoing_edge.device.thermal import SYS, temperature, throttling
from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.settings import DeviceSettings

_DEVICES = {"video": ("video*", "media*"), "audio": ("snd/pcm*",), "render": ("dma_heap/*",)}
"""Group -> what below /dev it opens"""
_CLOCK_SECONDS = 3


def disk(settings: DeviceSettings) -> Finding:
    """Whether the device can remember anything."""
    folder = state_folder(settings)
    free = shutil.disk_usage(folder.path).free / 1e6
    what = f"{free:,.0f} MB free; kept in {folder.path}"
    if folder.notice:
        return Finding(
            "disk", State.LIMITED, folder.notice, "make the folder writable, or name another as [device] state_folder"
        )
    if free < LITTLE_DISK_MB:
        return Finding("disk", State.LIMITED, what, "make room: with a full disk no setting can be kept")
    return Finding("disk", State.WORKS, what)


def permissions(dev: Path = Path("/dev")) -> Finding:
    """Whether cameras and sound devices that are there may be used."""
    closed: dict[str, list[str]] = {}
    there = 0
    for group, patterns in _DEVICES.items():
        for device in (found for pattern in patterns for found in sorted(dev.glob(pattern))):
            there += 1
            if not os.access(device, os.R_OK | os.W_OK):
                closed.setdefault(group, []).append(str(device))
    if not there:
        return Finding("permissions", State.UNUSED, "there are no cameras or sound cards of this machine's own to guard")
    if closed:
        what = "not permitted: " + ", ".join(devices[0] for devices in closed.values())
        return Finding("permissions", State.LIMITED, what, f"sudo usermod -aG {','.join(closed)} $USER, then log in again")
    return Finding("permissions", State.WORKS, f"{there} devices for pictures and sound may be used")


def warmth(sys: Path = SYS) -> Finding:
    """Whether the processor is too warm, or has too little power, to keep up."""
    warm, held = temperature(sys), throttling(sys)
    if warm is None and held is None:
        return Finding("warmth", State.UNUSED, "this machine does not tell")
    what = "no reading" if warm is None else f"{warm:.0f} °C"
    if held is not None and held.now:
        what += f", holding itself back: {', '.join(held.now)}"
        power = "under-voltage" in held.now
        return Finding(
            "warmth", State.LIMITED, what, "use a stronger power supply" if power else "give it a heat sink or a fan"
        )
    if warm is not None and warm >= HOT_C:
        return Finding("warmth", State.LIMITED, what, "give it a heat sink or a fan")
    if held is not None and held.since_boot:
        what += f"; since its start it has been held back: {', '.join(held.since_boot)}"
    return Finding("warmth", State.WORKS, what)


def clock() -> Finding:
    """Whether the time is set by the network; certificates and the times of events depend on it."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CLOCK_SECONDS, check=False)  # noqa: S603  fixed
    except (OSError, subprocess.TimeoutExpired):
        return Finding("clock", State.UNUSED, "this machine does not tell whether its clock is set by the network")
    answer = done.stdout.strip()
    if answer == "yes":
        return Finding("clock", State.WORKS, "set by the network")
    if answer == "no":
        return Finding("clock", State.LIMITED, "not set by the network", "sudo timedatectl set-ntp true")
    return Finding("clock", State.UNUSED, "this machine does not tell whether its clock is set by the network")
