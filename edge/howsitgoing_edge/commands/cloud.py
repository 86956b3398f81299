"""``howsitgoing cloud``: agree to it, take it back, and see what was sent."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from howsitgoing_edge.commands.options import ConfigFile, Json

if TYPE_CHECKING:
    from howsitgoing_edge.commands.cloud_device import CloudDevice

app = typer.Typer(no_args_is_help=True, help="Send what people agreed to to a cloud of your own, or stop it.")


class Share(StrEnum):
    """What is sent."""

    NOTHING = "nothing"
    MOODS = "moods"
    FACES = "faces"


class Shared(StrEnum):
    """What is sent, if anything is."""

    MOODS = "moods"
    FACES = "faces"


Consent = Annotated[str | None, typer.Option(metavar="NUMBER", help="Of the consent that was given to share faces; no name.")]


@app.command()
def join(
    url: Annotated[str, typer.Argument(help="Address of the cloud's functions, https://…")],
    *,
    share: Annotated[Shared, typer.Option(help="What people agreed to send.")] = Shared.MOODS,
    consent: Consent = None,
    audience: Annotated[str | None, typer.Option(help="What the cloud calls itself, if not by its address.")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="How long to wait for the cloud's operator.")] = 15,
    config: ConfigFile = None,
) -> None:
    """Make this device's key, have it registered, and begin to share."""
    from howsitgoing_edge.cloud.joining import wait_until_known
    from howsitgoing_edge.commands import cloud_device

    values = {"share": share.value, "url": url, "audience": audience, "consent": consent}
    device = cloud_device.device(config, {name: value for name, value in values.items() if value is not None})
    device.make_key()
    typer.echo(f"This device is {device.name}. The operator of the cloud runs:\n\n  {device.add_command()}\n")
    client = device.client()
    try:
        with cloud_device.waiting() as tell:
            known = wait_until_known(client, patience=60 * minutes, on_wait=tell)
    finally:
        client.close()
    device.check_consent(known)
    device.write(values)
    typer.echo("The cloud lets this device in. It shares " + _shared(device) + " as soon as the agent is started (again).")


@app.command()
def share(
    what: Annotated[Share, typer.Argument(help="nothing, moods, or faces.")],
    *,
    consent: Consent = None,
    config: ConfigFile = None,
) -> None:
    """Change what is sent; 'nothing' stops it at once."""
    from howsitgoing_edge.cloud import sharing
    from howsitgoing_edge.cloud.contents import samples
    from howsitgoing_edge.commands import cloud_device

    values = {"share": what.value} | ({"consent": consent} if consent is not None else {})
    device = cloud_device.device(config, values)
    sharing.stop(device.folder)
    device.write(values)
    if what is not Share.NOTHING:
        typer.echo(f"From its next start on the agent shares {_shared(device)}; one that runs sends nothing until then.")
        return
    typer.echo("Nothing is sent any more.")
    waits = device.waiting()
    if waits and sys.stdin.isatty() and typer.confirm(f"Erase what still waits on this device ({samples(waits)})?"):
        typer.echo(device.erase_waiting())
    elif waits:
        typer.echo(f"Still on this device: {samples(waits)}; 'howsitgoing cloud erase-waiting' erases them.")
    typer.echo(device.how_to_erase_what_was_sent())


@app.command()
def key(*, config: ConfigFile = None) -> None:
    """Print this device's public key, which the cloud's operator registers."""
    from howsitgoing_edge.commands import cloud_device

    typer.echo(cloud_device.device(config).make_key())


@app.command()
def status(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Don't ask the cloud.")] = False,
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Show what is shared, what waits, and what the cloud did not want."""
    from howsitgoing_edge.commands import cloud_device, cloud_status

    found = cloud_status.look(cloud_device.device(config), ask=not offline)
    typer.echo(cloud_status.as_json(found) if as_json else cloud_status.as_text(found), nl=False)
    raise typer.Exit(1 if found.trouble else 0)


@app.command()
def retry(*, config: ConfigFile = None) -> None:
    """Send again what the cloud did not want, once that is put right there."""
    from howsitgoing_edge.cloud.contents import samples
    from howsitgoing_edge.commands import cloud_device

    waiting = samples(cloud_device.device(config).try_again())
    typer.echo(f"To be sent again: {waiting}; the agent begins within a minute.")


@app.command("erase-waiting")
def erase_waiting(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Erase what waits on this device, and what the cloud did not want."""
    from howsitgoing_edge.cloud.contents import samples
    from howsitgoing_edge.commands import cloud_device

    device = cloud_device.device(config)
    if not yes:
        typer.confirm(f"Erase what waits on this device ({samples(device.waiting())})?", abort=True)
    typer.echo(device.erase_waiting())
    typer.echo(device.how_to_erase_what_was_sent())


def _shared(device: CloudDevice) -> str:
    consent = device.consent
    return consent.scope if consent.reference is None else f"{consent.scope}, by consent {consent.reference},"
