"""``howsitgoing-cloud devices``: which devices may send, and what people in front of them agreed to."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from howsitgoing_cloud.commands.options import Json, Local, device_id, meant
from howsitgoing_cloud.devices import Agreed, Device
from howsitgoing_cloud.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Which devices may send, and what people in front of them agreed to.")

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,255}")


class Scope(StrEnum):
    """What may be stored."""

    NOTHING = "nothing"
    MOODS = "moods"
    FACES = "faces"


@app.command()
def add(
    device: Annotated[str, typer.Argument(help="Its id, e.g. hat-1.")],
    *,
    key: Annotated[str, typer.Option(help="Its public key, as 'howsitgoing cloud key' on the device prints it.")],
    consent: Annotated[Scope, typer.Option(help="The most that people agreed to have stored.")] = Scope.NOTHING,
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER", help="Of a consent that was given, no name; may be given again. None: any is taken."),
    ] = None,
    blynk_secret: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret that holds the token of the carer's Blynk dashboard.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="It is registered already: give it this key and consent, and let it in again.")
    ] = False,
    local: Local = False,
) -> None:
    """Let a device in.

    The device makes its key itself; 'howsitgoing cloud join URL' on it prints this command as it must be typed.
    """
    from howsitgoing_cloud.app import register

    for number in reference or ():
        if not REFERENCE.fullmatch(number):
            raise ConfigError(
                f"--reference {number[:40]!r}: up to 64 of A-Z, a-z, 0-9, '.', '_' and '-'; never a person's name"
            )
    if blynk_secret is not None and not SECRET.fullmatch(blynk_secret):
        raise ConfigError(
            f"--blynk-secret {blynk_secret[:40]!r}: the secret's name, of letters, digits, _ and -; not the token"
        )
    agreed = None if consent is Scope.NOTHING else Agreed(consent.value, tuple(reference) if reference else None)
    name = device_id(device)
    register(meant(local=local)).add(name, key, agreed, blynk_secret, datetime.now(UTC), anew=replace)
    typer.echo(f"{name} is registered, and may send {'nothing yet' if agreed is None else _covers(agreed)}.")


@app.command("list")
def show(*, as_json: Json = False, local: Local = False) -> None:
    """Show all devices."""
    from howsitgoing_cloud.app import register

    devices = list(register(meant(local=local)).devices())
    if as_json:
        typer.echo(json.dumps([_plain(device) for device in devices]))
        return
    if not devices:
        typer.echo("No device is registered; 'howsitgoing cloud join URL' on a device says how.")
    for device in devices:
        state = "revoked" if device.revoked_at else "nothing" if device.consent is None else _covers(device.consent)
        typer.echo(f"{device.device_id:<33}{state}{', Blynk' if device.blynk_secret else ''}")


@app.command()
def revoke(
    device: Annotated[str, typer.Argument(help="Its id, e.g. hat-1.")],
    *,
    local: Local = False,
) -> None:
    """Take nothing more from a device, from now on: it was lost, sold, or its key got out.

    What it sent stays; 'howsitgoing-cloud erase --device' erases that.
    """
    from howsitgoing_cloud.app import register

    name = device_id(device)
    register(meant(local=local)).revoke(name, datetime.now(UTC))
    typer.echo(f"{name} is revoked.")


def _covers(agreed: Agreed) -> str:
    return agreed.scope + (f" ({', '.join(agreed.references)})" if agreed.references is not None else "")


def _plain(device: Device) -> dict[str, object]:
    return {
        "device_id": device.device_id,
        "created_at": None if device.created_at is None else device.created_at.isoformat(),
        "revoked_at": None if device.revoked_at is None else device.revoked_at.isoformat(),
        "consent": None if device.consent is None else device.consent.to_dict(),
        "blynk_secret": device.blynk_secret,
    }
