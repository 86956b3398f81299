"""``howsitgoing doctor``: what works, what doesn't, what to do."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from howsitgoing_edge.commands.options import ConfigFile, Json

if TYPE_CHECKING:
    from rich.console import Console

    from howsitgoing_edge.doctor.findings import Finding

_STYLES = {"works": "green", "limited": "yellow", "fails": "bold red", "unused": "dim"}


def doctor(
    *,
    config: ConfigFile = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Look at this camera or clip instead.")] = None,
    play: Annotated[bool, typer.Option("--sound", help="Play three notes.")] = False,
    as_json: Json = False,
) -> None:
    """Look at camera, model, sound, broker and machine: what works, what does not, what to do.

    Exit code 1: something that is needed fails.
    """
    from howsitgoing_edge.configuration import Flag, load
    from howsitgoing_edge.doctor.checks import checks
    from howsitgoing_edge.doctor.findings import State, examine

    loaded = load(config, [] if source is None else [Flag("--source", "camera.source", source)])
    findings = []
    console = None if as_json else _console()
    for found in examine(checks(loaded.settings, play=play)):
        findings.append(found)
        if console is not None:
            _print(console, found)
    for notice in loaded.notices:
        typer.echo(notice, err=True)
    failed = [found.name for found in findings if found.state is State.FAILS]
    if as_json:
        typer.echo(json.dumps({"ok": not failed, "findings": [asdict(found) for found in findings]}, indent=2))
    elif console is not None:
        console.print(
            f"\n[bold red]Needs attention: {', '.join(failed)}[/]" if failed else "\n[green]Ready: howsitgoing run[/]"
        )
    raise typer.Exit(1 if failed else 0)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _print(console: Console, found: Finding) -> None:
    """A row as soon as it is known: some checks take seconds, and a table only at the end looks like nothing happens."""
    from rich.table import Table
    from rich.text import Text

    row = Table.grid(padding=(0, 1))
    row.add_column(width=11)
    row.add_column(width=7)
    row.add_column(overflow="fold")
    words = Text(found.what)
    if found.advice:
        words.append(f"\n→ {found.advice}", style="cyan")
    row.add_row(found.name, Text(found.state.value, style=_STYLES[found.state.value]), words)
    console.print(row)
