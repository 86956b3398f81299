"""The loudspeaker: found, opened, and on request heard."""

from __future__ import annotations

import time

from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.errors import SpeakerError
from howsitgoing_edge.settings import SpeechSettings
from howsitgoing_edge.speech import players
from howsitgoing_edge.speech.mix import Mix
from howsitgoing_edge.speech.output import Output
from howsitgoing_edge.speech.sound import gain
from howsitgoing_edge.speech.tones import tone

_READY_SECONDS = 4.0
_TONE_SECONDS = 6.0


def sound(settings: SpeechSettings, *, play: bool) -> Finding:
    """Opens the loudspeaker; ``play``: three rising notes are heard.

    Raises:
        SpeakerError: there is none, or no program to reach it.
    """
    if settings.mode == "off" or settings.output == "off":
        return Finding("sound", State.UNUSED, "switched off by speech.mode or speech.output")
    player = players.choose()
    devices = player.devices()
    if settings.output != "auto":
        devices = [players.find(player, settings.output)]
    if not devices:
        raise SpeakerError("no loudspeaker is connected; plug one in, or pair one with bluetoothctl")
    output = Output(settings.output)
    try:
        _bring_up(output)
        if play:
            _play(output, settings.volume)
    finally:
        output.close()
    there = ", ".join(device.description for device in devices[:3])
    return Finding("sound", State.WORKS, f"{there} (by {player.program}){'; three notes were played' if play else ''}")


def _bring_up(output: Output) -> None:
    mix, deadline = Mix(0.0), time.monotonic() + _READY_SECONDS
    while not output.ready:
        if time.monotonic() > deadline:
            raise SpeakerError(f"{output.problem or 'the loudspeaker takes no sound'}; switch it on, or look at speech.output")
        if output.open() and output.room(0.1):
            output.write(mix.next_block())
        elif output.next_try > 0:
            time.sleep(min(output.next_try, 0.1))


def _play(output: Output, volume: int) -> None:
    mix, deadline = Mix(gain(volume)), time.monotonic() + _TONE_SECONDS
    mix.start(tone("happy"))
    while mix.playing:
        if output.problem or time.monotonic() > deadline:
            raise SpeakerError(f"{output.problem or 'the loudspeaker takes no sound'}; look at speech.output")
        if output.room(0.1):
            output.write(mix.next_block())
