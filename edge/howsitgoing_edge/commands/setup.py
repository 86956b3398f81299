"""``howsitgoing setup``: a few questions, and a configuration file from the answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from howsitgoing_edge.commands.options import ConfigFile
from howsitgoing_edge.contract import LANGUAGES, SPEECH_MODES
from howsitgoing_edge.errors import ConfigError, PermanentError, StorageError

Answers = dict[str, dict[str, Any]]
"""Table -> key -> value, as in the file"""


def setup(
    *,
    config: ConfigFile = None,
    search: Annotated[bool, typer.Option("--search/--no-search", help="Look for a broker in the network.")] = True,
) -> None:
    """Ask a few questions and write the configuration file."""
    from howsitgoing_edge.commands import nearby
    from howsitgoing_edge.configuration import load, user_file

    file = config or user_file()
    if file is None:
        raise PermanentError("there is no HOME to put a configuration file in: name one with --config")
    if file.exists() and not typer.confirm(f"{file} is there already; replace it (a copy stays as {file.name}.old)?"):
        raise typer.Exit
    answers: Answers = {"device": {"name": typer.prompt("Name of this device, for people", "How's it going?")}}
    answers["camera"] = {
        "source": _choose("Camera", {"auto": "whatever is plugged in", **nearby.cameras()}, "a file or address")
    }
    answers["mqtt"] = _broker(nearby.brokers() if search else [])
    answers["speech"] = {
        "language": _choose("Language", dict.fromkeys(LANGUAGES, ""), "any that espeak-ng speaks", nearby.language()),
        "mode": _choose("Speak", dict(zip(SPEECH_MODES, _MODES, strict=True))),
    }
    new = _written_beside(file, answers)
    try:
        load(new)  # an answer that no setting can have is refused before anything is replaced
    except ConfigError:
        new.unlink()
        raise
    _put_in_place(new, file)
    typer.echo(f"\n{file} is written. Next: howsitgoing doctor, then howsitgoing run")


_MODES = ("each change", "only when somebody looks distressed", "only when asked", "short sounds instead of words", "nothing")


def _broker(found: list[str]) -> dict[str, Any]:
    offered = {"own": "one of its own, for this machine alone", **dict.fromkeys(found, "found just now"), "off": "none"}
    chosen = _choose("MQTT broker", offered, "a host name", found[0] if found else "own")
    if chosen in {"own", "off"}:
        return {"transport": chosen}
    answers = {"host": chosen}
    if username := typer.prompt("User name there (empty: none)", "", show_default=False):
        answers |= {"username": username, "password": typer.prompt("Password", hide_input=True)}
    return answers


def _choose(title: str, offered: dict[str, str], other: str | None = None, first: str | None = None) -> str:
    """One of ``offered`` (value -> what it is), by number or value; anything else if ``other`` says that this is meaningful."""
    typer.echo(f"\n{title}:")
    for number, (value, about) in enumerate(offered.items(), 1):
        typer.echo(f"  {number}  {value}{f'  ({about})' if about else ''}")
    while True:
        answer = typer.prompt(f"Number{f', or {other}' if other else ''}", first or next(iter(offered))).strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(offered):
            return list(offered)[int(answer) - 1]
        if answer in offered or (other and answer and not answer.isdecimal()):
            return str(answer)
        typer.echo(f"  1 to {len(offered)}, please")


def _written_beside(file: Path, answers: Answers) -> Path:
    from howsitgoing_edge.configuration import plain

    text = "# Written by 'howsitgoing setup'; 'howsitgoing config show --all' explains every setting.\n"
    for table, values in answers.items():
        text += f"\n[{table}]\n" + "".join(f"{key} = {plain(value)}\n" for key, value in values.items())
    new = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise StorageError(f"{new} cannot be written: {error.strerror}") from error
    return new


def _put_in_place(new: Path, file: Path) -> None:
    try:
        if file.exists():
            file.replace(file.with_name(file.name + ".old"))
        new.replace(file)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}") from error
