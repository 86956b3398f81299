"""What the operator of the cloud runs for this device, as lines to copy. The device itself may do none of it."""

from __future__ import annotations

from howsitgoing_edge.contract import Consent


def add_command(device_id: str, key: str, consent: Consent, *, known: bool = False, local: bool = False) -> str:
    """Let it in, with what its people agreed to.

    Args:
        device_id: its name.
        key: its public key.
        consent: what was agreed to.
        known: the cloud knows the device already, with another key or consent.
        local: the cloud is a ``howsitgoing-cloud serve`` on this machine.
    """
    reference = f" --reference {consent.reference}" if consent.reference else ""
    flags = (" --replace" if known else "") + (" --local" if local else "")
    return f"howsitgoing-cloud devices add {device_id} --key {key} --consent {consent.scope}{reference}{flags}"


def erase_commands(device_id: str, reference: str | None, *, local: bool = False) -> tuple[str, ...]:
    """Erase what was sent: all of it, or what belongs to one consent."""
    flag = " --local" if local else ""
    by_consent = (f"howsitgoing-cloud erase --consent {reference}{flag}",) if reference else ()
    return (f"howsitgoing-cloud erase --device {device_id}{flag}", *by_consent)
