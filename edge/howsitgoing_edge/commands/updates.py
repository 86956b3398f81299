"""``howsitgoing models update``, ``rollback`` and ``status``: newer networks, by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from howsitgoing_edge.commands.options import ConfigFile, Json
from howsitgoing_edge.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from howsitgoing_edge.settings import EdgeSettings
    from howsitgoing_edge.update.store import ModelStore

_SHIPPED = "the one that came with this program"


def update(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say whether there is a newer one.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Also one that did not do well here before.")] = False,
    config: ConfigFile = None,
) -> None:
    """Fetch the newest network from model.url, verify and try it, and put it in use.

    An agent that runs takes it over within seconds, without a restart, and goes back by itself if it does worse.
    """
    from howsitgoing_edge.networks import make_installer

    settings, store = _place(config)
    _only_one(settings)
    installer = make_installer(settings, store)
    if installer is None:
        raise ConfigError("[model] url and public_key are not set: where to look for newer networks, and whom to believe")
    if check:
        channel, state = installer.look(), store.state
        note = f" ({channel.notes})" if channel.notes else ""
        refused = state.refused.get(channel.model)
        said = "is in use" if channel.model == state.in_force else f"is not tried again: {refused}" if refused else "is newer"
        typer.echo(f"{channel.model} {said}{note}")
        return
    from howsitgoing_edge.commands.bar import Bar

    with Bar("network") as progress:
        installed = installer.install(retry=retry, progress=progress)
    if installed is None:
        typer.echo(f"{store.state.in_force} is in use, and is the newest")
    else:
        typer.echo(f"{installed} is in use from now on; it is on trial until it has read 50 faces")


def rollback(
    *,
    shipped: Annotated[bool, typer.Option("--shipped", help="The network that came with this program.")] = False,
    config: ConfigFile = None,
) -> None:
    """Go back to the network before; the one in use now is not tried again, unless 'update --retry' asks for it."""
    settings, store = _place(config)
    _only_one(settings)
    before = store.state
    if before.current is None:
        raise ConfigError(f"no fetched network is in use, but {_SHIPPED}: there is nothing to go back from")
    after = store.change(lambda state: state.back_by_hand(shipped=shipped))
    typer.echo(f"from {before.current} back to {after.current or _SHIPPED}")


def status(*, config: ConfigFile = None, as_json: Json = False) -> None:
    """Show which network is in use, which would come back, and what was last heard of newer ones. Asks nobody."""
    settings, store = _place(config)
    shown = _shown(settings, store)
    if as_json:
        typer.echo(json.dumps(shown, indent=2))
        return
    for name, value in shown.items():
        if isinstance(value, dict):
            for model, why in value.items():
                typer.echo(f"{name:11} {model}: {why}")
        elif value not in {None, "", False}:
            typer.echo(f"{name:11} {value}")


def _shown(settings: EdgeSettings, store: ModelStore) -> dict[str, Any]:
    from howsitgoing_edge.vision.bundle import load_bundle

    state = store.state
    configured = settings.vision.model
    return {
        "in use": str(configured) if configured else state.current or load_bundle().id,
        "on trial": state.on_trial,
        "before it": (state.previous or _SHIPPED) if state.current else None,
        "updates": settings.model.updates,
        "from": settings.model.url,
        "newer": state.newer,
        "notes": state.notes if state.newer else "",
        "looked at": state.looked_at.isoformat(timespec="seconds") if state.looked_at else None,
        "trouble": state.trouble,
        "refused": state.refused,
    }


def _place(config: Path | None) -> tuple[EdgeSettings, ModelStore]:
    from howsitgoing_edge.configuration import load
    from howsitgoing_edge.device.folders import state_folder
    from howsitgoing_edge.update.store import ModelStore

    settings = load(config).settings
    kept = state_folder(settings.device)
    if kept.notice:
        typer.echo(f"howsitgoing: {kept.notice}", err=True)
    return settings, ModelStore(kept.path)


def _only_one(settings: EdgeSettings) -> None:
    if settings.vision.model is not None:
        raise ConfigError(f"vision.model names the network, {settings.vision.model}: take it out first")
