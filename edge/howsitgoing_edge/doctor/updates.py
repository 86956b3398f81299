"""Newer networks: whether their publisher can be reached and believed, and how the last one did."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.networks import make_installer
from howsitgoing_edge.settings import EdgeSettings
from howsitgoing_edge.update.store import ModelStore

_NAME = "updates"


def updates(settings: EdgeSettings, folder: Path) -> Finding:
    """Looks for a newer network, and installs none.

    Raises:
        EdgeError: what the publisher says cannot be had, or not be believed.
    """
    store = ModelStore(folder)
    installer = make_installer(settings, store)
    if settings.model.updates == "off" or installer is None:
        return Finding(_NAME, State.UNUSED, "no newer networks are looked for")
    channel = installer.look()
    state = store.state
    until = f"believed until {channel.expires_at.astimezone(UTC):%Y-%m-%d}"
    if state.trouble:
        return Finding(
            _NAME, State.LIMITED, f"{channel.model}: {state.trouble}", "the one before is in use; a newer one may do"
        )
    if state.newer:
        advice = "" if settings.model.updates == "install" else "'howsitgoing models update' puts it in use"
        return Finding(_NAME, State.WORKS, f"{channel.model} is newer; {until}", advice)
    return Finding(_NAME, State.WORKS, f"{channel.model} is the newest, and in use; {until}")
