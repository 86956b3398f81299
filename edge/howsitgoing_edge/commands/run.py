"""``howsitgoing run``: the agent itself."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from howsitgoing_edge.commands.options import ConfigFile
from howsitgoing_edge.contract import SPEECH_MODES


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def run(
    *,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", "-s", help="Webcam number, 'picamera', 'demo', a film, GIF, picture, folder, or http/rtsp address."
        ),
    ] = None,
    config: ConfigFile = None,
    until_end: Annotated[bool, typer.Option("--until-end", help="End with the clip instead of repeating it.")] = False,
    realtime: Annotated[
        bool | None, typer.Option("--realtime/--fast", help="A clip at its own speed, or every frame as fast as it goes.")
    ] = None,
    events: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write one JSON event a line; '-' is standard output.")
    ] = None,
    mqtt: Annotated[str | None, typer.Option(metavar="HOST[:PORT]|off", help="The MQTT broker, or none.")] = None,
    speech: Annotated[str | None, typer.Option(metavar="MODE", help=f"What is spoken: {', '.join(SPEECH_MODES)}.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the spoken words, such as en, de, fr, es, nl.")] = None,
    log_level: Annotated[LogLevel, typer.Option(help="How much is logged, to standard error.")] = LogLevel.INFO,
    live: Annotated[
        bool | None, typer.Option("--live/--no-live", help="Show what is seen, instead of log lines; on a terminal by default.")
    ] = None,
) -> None:
    """Read faces, and say how they look. Ends with Ctrl-C."""
    from howsitgoing_edge.commands.broker_address import broker_flags
    from howsitgoing_edge.configuration import Flag, load

    given = [Flag("--source", "camera.source", source), Flag("--language", "speech.language", language)]
    given += [Flag("--speech", "speech.mode", speech), *(broker_flags(mqtt) if mqtt else [])]
    loaded = load(config, [flag for flag in given if flag.value is not None])

    from howsitgoing_edge.view.logs import set_up

    shown = sys.stderr.isatty() if live is None else live
    log = set_up(log_level.value, live=shown)
    for notice in loaded.notices:
        log.warning(notice)
    if loaded.file is not None:
        log.info("settings of %s", loaded.file)

    from howsitgoing_edge.app import run as run_agent
    from howsitgoing_edge.run_options import Pace, RunOptions

    pace: Pace | None = None if realtime is None else "realtime" if realtime else "fast"
    insisted = {name: value for name, value in (("speech_mode", speech), ("language", language)) if value is not None}
    options = RunOptions(until_end=until_end, pace=pace, events=_target(events), insisted=insisted, live=shown)
    raise typer.Exit(run_agent(loaded.settings, options))


def _target(events: str | None) -> Path | Literal["-"] | None:
    return "-" if events == "-" else None if events is None else Path(events)
