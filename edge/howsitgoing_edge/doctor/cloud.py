"""The cloud: reached, and willing to take what people agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from howsitgoing_edge.cloud.answers import Verdict
from howsitgoing_edge.cloud.assembly import make_client
from howsitgoing_edge.cloud.contents import contents, samples
from howsitgoing_edge.cloud.joining import agrees
from howsitgoing_edge.cloud.outbox import FILE_NAME
from howsitgoing_edge.cloud.sharing import Sharing, sharing
from howsitgoing_edge.cloud.store import Store
from howsitgoing_edge.contract import to_rfc3339
from howsitgoing_edge.doctor.findings import Finding, State
from howsitgoing_edge.settings import CloudSettings

_ADVICE = "'howsitgoing cloud status' shows what its operator runs"


def cloud(settings: CloudSettings, folder: Path, device_id: str) -> Finding:
    """Asks what the cloud knows of this device.

    Raises:
        EdgeError: there is no key, or packages are missing.
    """
    agreed = sharing(settings, folder)
    if agreed is None:
        return Finding("cloud", State.UNUSED, "nothing is shared")
    client = make_client(settings, folder, device_id)
    try:
        answer = client.device()
    finally:
        client.close()
    if answer.verdict is Verdict.LATER:
        return Finding("cloud", State.LIMITED, answer.sentence, f"it tries again by itself; {_waits(folder)}")
    if answer.verdict is not Verdict.STORED:
        return Finding("cloud", State.FAILS, answer.sentence)
    return _let_in(settings, agreed, answer.content or {}, _waits(folder))


def _waits(folder: Path) -> str:
    file = folder / FILE_NAME
    if not file.exists():
        return "nothing waits"
    with closing(Store(file)) as store:
        found = contents(store)
    since = "" if found.oldest is None else f", the oldest since {to_rfc3339(found.oldest)}"
    refused = f", {samples(found.refused)} refused" if found.refused else ""
    return (f"{samples(found.waiting)} to be sent{since}" if found.waiting else "nothing waits") + refused


def _let_in(settings: CloudSettings, agreed: Sharing, known: Mapping[str, object], waits: str) -> Finding:
    consent = agreed.consent
    if known.get("revoked"):
        return Finding("cloud", State.FAILS, "its operator has revoked this device", "ask why")
    if not agrees(known, consent.scope, consent.reference):
        return Finding("cloud", State.FAILS, f"it knows no such consent to share {consent.scope}", _ADVICE)
    if not agreed.allowed:
        return Finding("cloud", State.LIMITED, "it lets this device in, but sharing was stopped", "start the agent again")
    return Finding("cloud", State.WORKS, f"{settings.url} lets this device in; it shares {consent.scope}; {waits}")
