"""How warm the processor is, and whether a Raspberry Pi holds itself back; both from files of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYS = Path("/sys")
_NOW = {0: "under-voltage", 1: "clock capped", 2: "throttled", 3: "too warm"}
"""Bits of the Pi's firmware: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled; since boot: 16 more"""
_SINCE_BOOT = 16
_PROCESSOR_ZONES = ("cpu", "x86_pkg", "soc", "acpitz")


@dataclass(frozen=True)
class Throttling:
    """Why the processor is slower than it could be."""

    now: tuple[str, ...]
    since_boot: tuple[str, ...]


def temperature(sys: Path = SYS) -> float | None:
    """Degrees Celsius of the processor; None: the kernel does not tell."""
    zones = {_text(zone / "type"): zone / "temp" for zone in sorted(sys.glob("class/thermal/thermal_zone*"))}
    for wanted in _PROCESSOR_ZONES:
        for kind, file in zones.items():
            if kind is not None and kind.startswith(wanted) and (text := _text(file)) is not None:
                try:
                    return round(int(text) / 1000, 1)
                except ValueError:
                    continue
    return None


def throttling(sys: Path = SYS) -> Throttling | None:
    """What the firmware of a Raspberry Pi says; None: this is none."""
    for file in sys.glob("devices/platform/soc*/*firmware/get_throttled"):
        try:
            bits = int(_text(file) or "", 16)
        except ValueError:
            continue
        now = tuple(words for bit, words in _NOW.items() if bits >> bit & 1)
        since_boot = tuple(words for bit, words in _NOW.items() if bits >> (bit + _SINCE_BOOT) & 1)
        return Throttling(now, since_boot)
    return None


def _text(file: Path) -> str | None:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):  # a zone that sleeps answers with an error
        return None
