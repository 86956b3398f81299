"""The programs that carry sound to the sound system: PulseAudio's ``pacat`` (for PipeWire too), else ALSA's ``aplay``.

Both read raw samples from a pipe. Why a program and no library: docs/adr/0005-audio-output.md.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.speech.sound import RATE

BUFFER_MS: Final = 200
"""Milliseconds that the player keeps in hand: a cue is heard at most so much later, and so long may our thread be held up.
A compromise; docs/adr/0005-audio-output.md has the figures."""
NOWHERE: Final = ("auto_null",)
"""Sinks that PulseAudio and PipeWire make up where there is no real one."""
_LIST_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Device:
    """A loudspeaker, as the player knows it and as people do."""

    name: str
    description: str


@dataclass(frozen=True)
class Player:
    """How one of the programs is used."""

    program: str
    usable: Callable[[], bool]
    devices: Callable[[], list[Device]]
    command: Callable[[str | None], list[str]]
    """Arguments for a device's name; None: the default one"""


def environment() -> dict[str, str]:
    """Ours, with answers in English, and with the user's sound server also where a service has lost the way to it."""
    variables = {**os.environ, "LC_ALL": "C"}
    mine = Path(f"/run/user/{os.getuid()}")
    if "XDG_RUNTIME_DIR" not in variables and mine.is_dir():
        variables["XDG_RUNTIME_DIR"] = str(mine)
    return variables


def choose() -> Player:
    """The player to use now; asked at every opening, since the sound server may come up after us.

    Raises:
        SpeakerError: there is none; the message says what to install.
    """
    for player in PLAYERS:
        if shutil.which(player.program) and player.usable():
            return player
    if shutil.which("pacat"):
        raise SpeakerError(
            "no sound server runs for this user, and aplay is not there for plain ALSA (sudo apt install alsa-utils)"
        )
    raise SpeakerError("no program to play sound: sudo apt install pulseaudio-utils (or alsa-utils, without a sound server)")


def find(player: Player, part: str) -> Device:
    """The device with ``part`` in its name or description.

    Raises:
        SpeakerError: there is none just now; the message names those that are there.
    """
    devices = player.devices()
    for device in devices:
        if part.casefold() in f"{device.name}\n{device.description}".casefold():
            return device
    there = ", ".join(device.description for device in devices) or "none"
    raise SpeakerError(f"no loudspeaker has {part!r} in its name; there are: {there}")


def _pulse_answers() -> bool:
    variables = environment()
    if variables.get("PULSE_SERVER"):
        return True
    folders = [variables.get("PULSE_RUNTIME_PATH"), f"{variables.get('XDG_RUNTIME_DIR', '')}/pulse"]
    return any(folder and Path(folder, "native").is_socket() for folder in folders)


def _pulse_devices() -> list[Device]:
    found = json.loads(_answer(["pactl", "--format=json", "list", "sinks"]) or "[]")
    return [Device(sink["name"], sink["description"]) for sink in found if sink["name"] not in NOWHERE]


def _pulse_command(device: str | None) -> list[str]:
    # --verbose tells on which device the stream is, also when it is moved. On PipeWire dont-reconnect ends a stream whose
    # named device goes away, instead of moving it to some other loudspeaker in the house.
    options = ["--playback", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--verbose"]
    options += [f"--latency-msec={BUFFER_MS}", "--process-time-msec=20", "--client-name=howsitgoing", "--stream-name=voice"]
    options += ["--property=media.role=a11y"]
    return ["pacat", *options, *([] if device is None else [f"--device={device}", "--property=node.dont-reconnect=true"])]


def _alsa_devices() -> list[Device]:
    listed = re.findall(r"^(\S+)\n((?:[ \t]+.*\n?)*)", _answer(["aplay", "-L"]), re.MULTILINE)
    return [Device(name, " ".join(text.split()) or name) for name, text in listed if name != "null"]


def _alsa_command(device: str | None) -> list[str]:
    options = ["-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"]
    options += [f"--buffer-time={BUFFER_MS}000", "--period-time=20000"]
    return ["aplay", *options, *([] if device is None else ["-D", device])]


def _answer(command: list[str]) -> str:
    try:
        return subprocess.run(  # noqa: S603  fixed words
            command, env=environment(), capture_output=True, text=True, timeout=_LIST_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeakerError(f"cannot learn which loudspeakers there are ({_reason(command[0], error)})") from error


def _reason(program: str, error: Exception) -> str:
    said = error.stderr.strip().splitlines() if isinstance(error, subprocess.CalledProcessError) else []
    return f"{program}: {said[-1] if said else type(error).__name__}"


PLAYERS: Final = (
    Player("pacat", _pulse_answers, _pulse_devices, _pulse_command),
    Player("aplay", lambda: True, _alsa_devices, _alsa_command),
)
"""In the order of preference."""
