"""``howsitgoing-cloud sweep``: what the function of that name does once a day."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from howsitgoing_cloud.commands.options import Json, Local, meant


def sweep(*, as_json: Json = False, local: Local = False) -> None:
    """Remove pictures whose sample never came, and what has expired.

    In the cloud this happens by itself, once a day.
    """
    from howsitgoing_cloud.app import sweep as sweeping

    *_, done = sweeping(meant(local=local))()
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(
            f"{done.crops_seen} pictures looked at, {done.orphans} without a sample removed; {done.expired} expired documents."
        )
