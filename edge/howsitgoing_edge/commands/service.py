"""``howsitgoing service``: start the agent with the machine, by systemd."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from howsitgoing_edge.commands.options import ConfigFile
from howsitgoing_edge.commands.unit import NAME, Account, unit
from howsitgoing_edge.errors import ConfigError, PermanentError, StorageError

app = typer.Typer(no_args_is_help=True, help="Start the agent with the machine (systemd).")
SYSTEM_FOLDER = Path("/etc/systemd/system")
_PATIENCE_SECONDS = 60

System = Annotated[
    bool,
    typer.Option(
        "--system/--user",
        help="user: in your own session, where the sound is (the better one for Bluetooth speakers); system: with the machine.",
    ),
]


@app.command()
def install(
    *,
    system: System = False,
    run_as: Annotated[str | None, typer.Option("--as", metavar="USER", help="With --system: whom it runs as.")] = None,
    config: ConfigFile = None,
    show: Annotated[bool, typer.Option("--print", help="Only show the unit.")] = False,
) -> None:
    """Write the unit, enable it and start it."""
    from howsitgoing_edge.configuration import load

    load(config)  # a service that cannot start is better refused here, where somebody reads it
    text = unit(_program(), config.resolve() if config else None, _account(run_as) if system else None)
    if show:
        typer.echo(text, nl=False)
        return
    file = _folder(system=system) / NAME
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror}){'; try it with sudo' if system else ''}") from error
    _systemctl("daemon-reload", system=system)
    _systemctl("enable", "--now", NAME, system=system)
    scope = "" if system else "--user "
    typer.echo(f"{file}: installed and started; 'journalctl {scope}-fu howsitgoing' shows what it says")
    if not system:
        typer.echo("So that it runs while you are not logged in, too: sudo loginctl enable-linger")


@app.command()
def remove(*, system: System = False) -> None:
    """Stop it and take the unit away. Settings and history stay."""
    file = _folder(system=system) / NAME
    if not file.exists():
        raise PermanentError(f"{file} is not there: nothing to remove{'' if system else ' (perhaps with --system?)'}")
    _systemctl("disable", "--now", NAME, system=system)
    try:
        file.unlink()
    except OSError as error:
        raise StorageError(f"{file} cannot be removed ({error.strerror})") from error
    _systemctl("daemon-reload", system=system)
    typer.echo(f"{file}: removed")


def _program() -> Path:
    program = Path(sys.argv[0]).resolve()
    if program.name == "howsitgoing" and os.access(program, os.X_OK):
        return program
    found = shutil.which("howsitgoing", path=str(Path(sys.executable).parent))
    if found is None:
        raise PermanentError("the installed program 'howsitgoing' is not found beside its Python: install the package first")
    return Path(found)


def _account(name: str | None) -> Account:
    wanted = name or os.environ.get("SUDO_USER")
    if not wanted:
        raise ConfigError("--system: say whom it runs as, with --as USER")
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError as error:
        raise ConfigError(f"--as {wanted}: there is no such user") from error
    return Account(entry.pw_name, entry.pw_uid)


def _folder(*, system: bool) -> Path:
    if system:
        return SYSTEM_FOLDER
    home = os.environ.get("HOME")
    folder = os.environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    if folder is None:
        raise PermanentError("there is no HOME to put the unit in: use --system")
    return Path(folder) / "systemd" / "user"


def _systemctl(*words: str, system: bool) -> None:
    command = ["systemctl", *([] if system else ["--user"]), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False)
    except FileNotFoundError as error:
        raise PermanentError("this machine has no systemd: start 'howsitgoing run' by its own means") from error
    except subprocess.TimeoutExpired as error:
        raise PermanentError(f"'{' '.join(command)}' did not come back") from error
    if done.returncode:
        raise PermanentError(f"'{' '.join(command)}' failed: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}")
