"""``howsitgoing config``: what is in force, and whether a file is right."""

from __future__ import annotations

from typing import Annotated

import typer

from howsitgoing_edge.commands.options import ConfigFile

app = typer.Typer(no_args_is_help=True, help="Show or check the configuration.")


@app.command()
def show(
    *,
    config: ConfigFile = None,
    explain: Annotated[bool, typer.Option("--all", help="Also what each setting is for and may be.")] = False,
) -> None:
    """Print the settings in force, as a configuration file that says where each value comes from."""
    from howsitgoing_edge.configuration import as_toml, load

    loaded = load(config)
    typer.echo(as_toml(loaded, explain=explain), nl=False)
    for notice in loaded.notices:
        typer.echo(notice, err=True)


@app.command()
def check(*, config: ConfigFile = None) -> None:
    """Check the configuration, and that the files it names are there."""
    from howsitgoing_edge.configuration import load, missing_files
    from howsitgoing_edge.errors import ConfigError
    from howsitgoing_edge.mqtt.access import read_access

    loaded = load(config)
    problems = missing_files(loaded)
    if loaded.settings.mqtt.transport in {"paho", "aws"}:
        try:
            read_access(loaded.settings.mqtt)
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    for notice in loaded.notices:
        typer.echo(notice, err=True)
    typer.echo(f"{loaded.file or 'no configuration file, the defaults'}: all right")
