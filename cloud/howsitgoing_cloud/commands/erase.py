"""``howsitgoing-cloud erase``: all that a device saw, or all of a consent that was withdrawn."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from howsitgoing_cloud.commands.devices import REFERENCE
from howsitgoing_cloud.commands.options import Json, Local, device_id, meant
from howsitgoing_cloud.erase import SETTLE, Erased, Target
from howsitgoing_cloud.errors import ConfigError


def erase(
    *,
    device: Annotated[str | None, typer.Option(metavar="ID", help="All that this device saw until now.")] = None,
    consent: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="All that was given under this consent, by any device; it ends with it."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Erase samples and pictures for good, here and from all later exports.

    A device may go on afterwards; a consent that was erased never counts again. It takes half a minute longer than the
    work itself, to be sure of what was just coming in. If it is cut off, the same command goes on.
    """
    from howsitgoing_cloud.app import erase as erasing

    target = _target(device, consent)
    steps = erasing(meant(local=local))
    if not yes:
        _ask(target)
    last = Erased(steps.now())
    for last in steps(target):
        if not as_json:
            _progress(last)
    if as_json:
        typer.echo(json.dumps({"kind": target.kind, "value": target.value, **asdict(last), "until": last.until.isoformat()}))
    else:
        typer.echo(f"\rErased: {last.samples} samples and {last.crops} pictures.{' ' * 20}")


def _target(device: str | None, consent: str | None) -> Target:
    if (device is None) == (consent is None):
        raise ConfigError("say what to erase: either --device ID or --consent NUMBER")
    if device is not None:
        return Target("device", device_id(device))
    if consent is None or not REFERENCE.fullmatch(consent):
        raise ConfigError(f"--consent {str(consent)[:40]!r} is no number of a consent")
    return Target("consent", consent)


def _ask(target: Target) -> None:
    what = f"all that {target.value} saw" if target.kind == "device" else f"all of the consent {target.value}"
    if not sys.stdin.isatty():
        raise ConfigError(f"this would erase {what} for good; say --yes to do it")
    typer.confirm(f"Erase {what} for good?", abort=True)


def _progress(erased: Erased) -> None:
    if sys.stdout.isatty():
        text = f"\r{erased.samples} samples and {erased.crops} pictures erased; looking again within {SETTLE.seconds} s"
        typer.echo(text, nl=False)
