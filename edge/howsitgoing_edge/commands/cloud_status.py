"""``howsitgoing cloud status``: what is shared with whom, what waits, and what the cloud did not want."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from howsitgoing_edge.cloud.answers import Verdict
from howsitgoing_edge.cloud.contents import Contents, contents, refusals, samples
from howsitgoing_edge.cloud.joining import agrees
from howsitgoing_edge.contract import to_rfc3339
from howsitgoing_edge.errors import EdgeError

if TYPE_CHECKING:
    from howsitgoing_edge.commands.cloud_device import CloudDevice


@dataclass(frozen=True)
class Found:
    """All there is to show."""

    share: str
    consent: str | None
    url: str | None
    device_id: str
    key: str | None
    """Public"""
    connection: str
    trouble: bool
    """Something is shared, but does not arrive"""
    stopped: bool
    """Nothing is sent before the agent is started again"""
    contents: Contents
    refusals: list[tuple[str, int]]


def look(device: CloudDevice, *, ask: bool) -> Found:
    """Look at the outbox, and ``ask`` the cloud."""
    settings = device.loaded.settings.cloud
    shares = settings.share != "nothing"
    connection, trouble = _connection(device) if ask and shares else ("not asked", False)
    there = device.store.file.exists()
    return Found(
        share=settings.share,
        consent=settings.consent,
        url=settings.url,
        device_id=device.name,
        key=device.make_key() if shares else None,
        connection=connection,
        trouble=trouble,
        stopped=(device.folder / "cloud-stopped").exists(),
        contents=contents(device.store) if there else Contents(),
        refusals=refusals(device.store) if there else [],
    )


def as_json(found: Found) -> str:
    """For programs."""
    return json.dumps(asdict(found), indent=2) + "\n"


def as_text(found: Found) -> str:
    """For people."""
    lying = found.contents
    waits = samples(lying.waiting)
    if lying.oldest is not None:
        waits += f", the oldest since {to_rfc3339(lying.oldest)}"
    shared = found.share + (f", by consent {found.consent}" if found.share == "faces" else "")
    rows = {
        "shared": shared + (" (but nothing before the agent is started again)" if found.stopped else ""),
        "cloud": found.url or "none: 'howsitgoing cloud join URL'",
        "device": found.device_id,
        "key": found.key,
        "connection": found.connection,
        "waiting": waits,
        "refused": samples(lying.refused) if lying.refused else None,
        "on disk": f"{lying.size / 1e6:.1f} MB, {lying.pictures} pictures",
    }
    lines = [f"{name:11} {value}" for name, value in rows.items() if value is not None]
    lines += [f"{'':11} {count} x {reason}" for reason, count in found.refusals]
    return "\n".join(lines) + "\n"


def _connection(device: CloudDevice) -> tuple[str, bool]:
    """In words, and whether something is wrong."""
    try:
        client = device.client()
    except EdgeError as error:
        return str(error), True
    try:
        answer = client.device()
    finally:
        client.close()
    if answer.verdict is not Verdict.STORED:
        known = answer.code == "signature"
        lost = known or answer.code == "unknown_device"
        return answer.sentence + (f"\n  {device.add_command(known=known)}" if lost else ""), True
    told, consent = answer.content or {}, device.consent
    if told.get("revoked"):
        return "the cloud's operator has revoked this device", True
    if not agrees(told, consent.scope, consent.reference):
        return f"the cloud knows no such consent of this device; its operator runs\n  {device.add_command(known=True)}", True
    return "the cloud lets this device in", False
