"""``howsitgoing aws``: this device at AWS IoT Core."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from howsitgoing_edge.commands.options import ConfigFile
from howsitgoing_edge.errors import ConfigError, IdentityError, PermanentError

if TYPE_CHECKING:
    from howsitgoing_edge.configuration import Loaded

app = typer.Typer(no_args_is_help=True, help="Publish to AWS IoT Core, for a device that leaves the house.")
_FOLDER = "aws"
_PARTING_SECONDS = 2.0
_PASTED = ("-----BEGIN ", "{")
"""How PEM, and the operator's JSON, begin"""
_PASTED_ENDS = ("-----END CERTIFICATE-----\n", "}")


@app.callback()
def _group() -> None:
    """So that ``join`` stays a word of its own."""


@app.command()
def join(
    endpoint: Annotated[str | None, typer.Argument(help="Address of the broker, from its operator.")] = None,
    *,
    certificate: Annotated[str | None, typer.Option(metavar="FILE|-", help="What the operator gave back.")] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="Authority of the broker; none: the system's, which knows Amazon's.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="8883; or 443, where a network lets nothing else out.")] = 8883,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Connect before anything is written.")] = True,
    config: ConfigFile = None,
) -> None:
    """Make this device's key, have its certificate made, try the connection, and write the settings.

    Run it twice: first for the request, then with the certificate. The private key never leaves this device.
    """
    from howsitgoing_edge.configuration import load
    from howsitgoing_edge.device.folders import state_folder
    from howsitgoing_edge.device.identity import device_id
    from howsitgoing_edge.mqtt import keys

    keys.need_packages(("cryptography", "awscrt"))
    loaded = load(config)
    kept = state_folder(loaded.settings.device)
    if kept.notice:
        raise PermanentError(kept.notice)
    name = device_id(loaded.settings.device, kept.path)
    folder = kept.path / _FOLDER
    key_file, own = folder / f"{name}.key", folder / f"{name}.pem"
    key = keys.make_key(key_file)
    if certificate is None:
        wanted = keys.request(key, name)
        keys.write_public(folder / f"{name}.csr", wanted)
        typer.echo(_for_the_operator(name, wanted))
        if not sys.stdin.isatty():
            return
        certificate = typer.prompt("\nThe certificate, pasted, or its path (empty: later)", "", show_default=False)
        if not certificate:
            return
    pem = keys.fitting(_content(certificate), name, key)
    endpoint = endpoint or (typer.prompt("Endpoint") if sys.stdin.isatty() else None)
    if not endpoint:
        raise ConfigError("where to? 'howsitgoing aws join ENDPOINT --certificate FILE'")
    keys.write_public(own, pem)
    tls = {"certificate": str(own), "key": str(key_file), "ca_file": str(ca_file.absolute()) if ca_file else None}
    values = {"transport": "aws", "host": endpoint, "port": port}
    wished = _wished(config, values, tls)
    if check:
        _try(wished, name)
    _write(config, wished, values, tls)
    typer.echo(f"{name} publishes to {endpoint} as soon as the agent is started (again).")


def _for_the_operator(name: str, wanted: str) -> str:
    return (
        f"This device is {name}. Its private key stays here. The operator of the AWS account saves this request as\n"
        f"terraform/aws/csr/devices/{name}.csr:\n\n{wanted}\n"
        "then runs, in terraform/aws:\n\n"
        "  terraform apply\n"
        "  terraform output -raw endpoint\n"
        "  terraform output -json certificates > certificates.json\n\n"
        "and gives you both answers. With them:\n\n"
        "  howsitgoing aws join ENDPOINT --certificate certificates.json"
    )


def _content(source: str) -> str:
    """Of what was named: a path, ``-`` for standard input, or the first line of what is being pasted."""
    if source == "-" and sys.stdin.isatty():
        typer.echo("Paste the certificate:", err=True)
        return _pasted("")
    if source == "-":
        return sys.stdin.read()
    if source.lstrip().startswith(_PASTED):
        return _pasted(source)
    try:
        return Path(source).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise IdentityError(f"{source} cannot be read: {reason}") from error


def _pasted(begun: str) -> str:
    """What is pasted at a terminal, to its own end: nobody needs to know about Ctrl-D."""
    import termios  # not on every system

    text = f"{begun}\n"
    while not any(end in text for end in _PASTED_ENDS) and (line := sys.stdin.readline()):
        text += line
    termios.tcflush(sys.stdin, termios.TCIFLUSH)  # what came along behind it is no answer to the next question
    return text


def _wished(config: Path | None, values: dict[str, Any], tls: dict[str, str | None]) -> Loaded:
    """The settings as they will be. Raises ConfigError where something in the file is against it."""
    from howsitgoing_edge.configuration import Flag, load

    flags = [Flag("howsitgoing aws join", f"mqtt.{name}", value) for name, value in values.items()]
    flags += [Flag("howsitgoing aws join", f"mqtt.tls.{name}", value) for name, value in tls.items() if value is not None]
    return load(config, flags)


def _try(wished: Loaded, name: str) -> None:
    from threading import Condition

    from howsitgoing_edge.mqtt.transports import make_transport

    connection = make_transport(wished.settings.mqtt, name).connect(lambda *_: None, Condition())
    connection.close(_PARTING_SECONDS)
    for refusal in connection.refusals.values():
        raise PermanentError(refusal)
    typer.echo(f"{connection.access.address} lets this device in.")


def _write(config: Path | None, wished: Loaded, values: dict[str, Any], tls: dict[str, str | None]) -> None:
    from howsitgoing_edge.configuration import change_file, load, user_file

    file = config or wished.file or user_file()
    if file is None:
        raise PermanentError("there is no HOME to put a configuration file in: name one with --config")
    change_file(file, "mqtt.tls", tls)
    change_file(file, "mqtt", values)
    now = load(file)
    for name in values:
        if getattr(now.settings.mqtt, name) != getattr(wished.settings.mqtt, name):
            raise ConfigError(f"{file} is written, but {now.origins.get(f'mqtt.{name}')} says otherwise about mqtt.{name}")
