"""``howsitgoing-cloud blynk``: looks at a carer's dashboard."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

from howsitgoing_cloud.blynk import SERVER, BlynkDashboard
from howsitgoing_cloud.blynk_check import Found, State, look
from howsitgoing_cloud.commands.options import Json
from howsitgoing_cloud.errors import ConfigError

VARIABLE = "HOWSITGOING_CLOUD_BLYNK_TOKEN"
app = typer.Typer(help="The carer's Blynk dashboard.", no_args_is_help=True)


@app.callback()
def _blynk() -> None:
    """The carer's Blynk dashboard."""


@app.command("test")
def check(
    token_file: Annotated[
        Path | None,
        typer.Option(help=f"File (0600) with the device's token alone in it; else {VARIABLE}, else it is asked for."),
    ] = None,
    server: Annotated[
        str, typer.Option(envvar="HOWSITGOING_CLOUD_BLYNK_SERVER", help="Blynk's server, best of the account's region.")
    ] = SERVER,
    *,
    events: Annotated[bool, typer.Option("--events", help="Try the events, too: the carer's phone is alerted.")] = False,
    as_json: Json = False,
) -> None:
    """Try a device's token and each datastream, and say what the template lacks. Takes about 15 seconds."""
    dashboard = BlynkDashboard(server)
    found = []
    for one in look(dashboard, _token(token_file), events=events):
        found.append(one)
        if not as_json:
            typer.echo(f"{one.name:<12}{one.state:<9}{one.what}")
    if as_json:
        typer.echo(json.dumps([vars(one) for one in found], indent=2))
    raise typer.Exit(_code(found))


def _code(found: list[Found]) -> int:
    return 0 if all(one.state is State.WORKS for one in found) else 1


def _token(file: Path | None) -> str:
    """Never as an argument: those stand in the process list."""
    if file is not None:
        return _read(file)
    token = os.environ.get(VARIABLE, "").strip()
    if not token and sys.stdin.isatty():
        token = str(typer.prompt("The device's token (Blynk's console, Device Info)", hide_input=True)).strip()
    if not token:
        raise ConfigError(f"no token: name a file with --token-file, or set {VARIABLE}")
    return token


def _read(file: Path) -> str:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"others can read {file}: chmod 600 {file}")
        token = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--token-file {file}: cannot be read ({type(error).__name__})") from None
    if not token:
        raise ConfigError(f"--token-file {file}: is empty")
    return token
