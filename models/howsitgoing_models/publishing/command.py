"""``howsitgoing-models key`` and ``publish``: options in, what devices will see out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from howsitgoing_models.errors import ParameterError

_PACKAGE: Final = Path(__file__).parent.parent
RELEASED: Final = _PACKAGE / "released" / "emotion"
GOLDEN: Final = _PACKAGE / "released" / "golden"
_Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def key(
    file: Annotated[Path, typer.Argument(help="the private key, outside any checkout; made if it is not there")],
    *,
    as_json: _Json = False,
) -> None:
    """Make the key that networks are signed by, and show its public half, which devices are told.

    Whoever has the private key decides what every device runs: keep it (mode 0600) and a copy of it where nobody else comes.
    """
    from howsitgoing_models.publishing import keys

    found = keys.load(file) if file.exists() else keys.make(file)
    public = keys.public(found)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "public_key": public}, indent=1))
        return
    typer.echo(f'private key: {file}\nin the configuration of devices:\n\n[model]\npublic_key = "{public}"')


def publish(
    *,
    to: Annotated[str, typer.Option(help="a folder that a web server shows to devices, or gs://bucket/folder")],
    key: Annotated[list[Path], typer.Option("--key", help="private key; again: a second one, while devices change over to it")],
    model: Annotated[Path, typer.Option(help="folder with model.tflite and model.json")] = RELEASED,
    golden: Annotated[Path, typer.Option(help="folder with a 48x48 face for each emotion")] = GOLDEN,
    minimum_agent: Annotated[str, typer.Option(help="oldest version of the agent that may use it")] = "0.1.0",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="until devices stop believing it, unless it is renewed")] = 90,
    notes: Annotated[str, typer.Option(help="for people: what it brings")] = "",
    renew: Annotated[bool, typer.Option("--renew", help="say the same for so many days more; nothing else is changed")] = False,
    as_json: _Json = False,
) -> None:
    """Put a signed model where devices look, and point them to it.

    What is written: ID-….zip (the network, its description, golden crops with the answers it should give, and a signed manifest
    of all hashes), then latest.json, signed, one number higher than before. Publish an earlier model again to take one back.
    """
    from howsitgoing_models.publishing import keys
    from howsitgoing_models.publishing import publish as publishing
    from howsitgoing_models.publishing.shelf import shelf

    if renew and (model != RELEASED or notes):
        raise ParameterError("--renew says the same again: it takes neither --model nor --notes")
    owners, place, valid = [keys.load(file) for file in key], shelf(to), timedelta(days=days)
    if renew:
        said = publishing.renew(place, owners, valid)
    else:
        said = publishing.publish(place, model, golden, owners, publishing.Terms(minimum_agent, valid, notes))
    _answer({"to": to, **said}, as_json=as_json)


def _answer(content: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1))
        return
    shown = {**content, **content["bundle"]}
    for name in ("to", "model", "file", "size", "sequence", "expires_at"):
        typer.echo(f"{name:12} {shown[name]}")
