"""``howsitgoing models``: the files that the agent sees with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from howsitgoing_edge.commands.bar import Bar
from howsitgoing_edge.commands.options import ConfigFile, Json
from howsitgoing_edge.commands.updates import rollback, status, update
from howsitgoing_edge.errors import ConfigError, EdgeError, ModelError

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(no_args_is_help=True, help="The model files, and newer networks: list, fetch, verify, update, go back.")
app.command()(update)
app.command()(rollback)
app.command()(status)
_EMOTION = "emotion"
_PULL_SECONDS = 60.0

Row = dict[str, str]
"""name, state (ok, missing, broken), path, detail"""


@app.command("list")
def list_(*, config: ConfigFile = None, as_json: Json = False) -> None:
    """List the networks, and how it stands with each."""
    _show(_rows(config), as_json=as_json)


@app.command()
def verify(*, config: ConfigFile = None, as_json: Json = False) -> None:
    """Compare each file with its published hash. Exit code 1 if one is broken, or the agent's own is missing."""
    rows = _rows(config)
    _show(rows, as_json=as_json)
    wrong = [row for row in rows if row["state"] == "broken" or (row["state"] == "missing" and row["name"] == _EMOTION)]
    raise typer.Exit(1 if wrong else 0)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="Such as yunet; 'howsitgoing models list' names them.")],
    *,
    once: Annotated[bool, typer.Option("--once", help="Try at most once a day, and go on without it.")] = False,
    timeout: Annotated[float, typer.Option(min=1, max=3600, help="Seconds.")] = _PULL_SECONDS,
) -> None:
    """Fetch a file from its publisher, or from HOWSITGOING_MODEL_MIRROR, and verify it."""
    from howsitgoing_edge.vision import files
    from howsitgoing_edge.vision.known_files import known

    try:
        known(name)
    except ModelError as error:
        raise ConfigError(str(error)) from error
    if once:
        _pull_if_easy(name, timeout)
        return
    with Bar(name) as progress:
        path = files.pull(name, timeout, progress)
    typer.echo(f"{name}: {path}")


def _pull_if_easy(name: str, timeout: float) -> None:
    from howsitgoing_edge.vision import files

    try:
        files.pull_once(name, timeout)
    except EdgeError as error:
        typer.echo(f"howsitgoing: going on without {name}: {error}", err=True)


def _rows(config: Path | None) -> list[Row]:
    from howsitgoing_edge.configuration import load
    from howsitgoing_edge.device.folders import state_folder
    from howsitgoing_edge.networks import folder_in_use
    from howsitgoing_edge.vision.bundle import load_bundle, released_folder
    from howsitgoing_edge.vision.files import list_models

    rows = []
    settings = load(config).settings
    folder = folder_in_use(settings, state_folder(settings.device).path)
    try:
        folder = folder or released_folder()
        bundle = load_bundle(folder)
        rows.append(_row(_EMOTION, "ok", str(folder), f"{bundle.id}, {len(bundle.network)} bytes, sha256 as described"))
    except ModelError as error:
        rows.append(_row(_EMOTION, "broken" if folder and folder.exists() else "missing", str(folder), str(error)))
    return rows + [_row(found.file.name, found.state, str(found.path), found.detail) for found in list_models()]


def _row(name: str, state: str, path: str, detail: str) -> Row:
    return {"name": name, "state": state, "path": path, "detail": detail}


def _show(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']:10} {row['state']:8} {row['path']}\n{'':20}{row['detail']}")
