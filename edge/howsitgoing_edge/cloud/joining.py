"""Getting to know a cloud: asks it until it lets this device in, or says what a person must do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from howsitgoing_edge.cloud.answers import Answer, Verdict
from howsitgoing_edge.errors import UplinkError

if TYPE_CHECKING:
    from howsitgoing_edge.cloud.client import CloudClient

EVERY: Final = 2.0
"""Seconds between two questions"""


def wait_until_known(
    client: CloudClient,
    *,
    patience: float,
    on_wait: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Mapping[str, object]:
    """What the cloud knows of this device, once it lets it in.

    Args:
        client: calls the cloud.
        patience: seconds to wait for the operator, or for the network.
        on_wait: told why it waits, at each try.
        sleep: waits so many seconds.
        clock: steady seconds.

    Raises:
        UplinkError: the cloud says no, and waiting will not help; or patience is at its end.
    """
    deadline = clock() + patience
    while True:
        answer = client.device()
        if answer.verdict is Verdict.STORED:
            known = answer.content or {}
            if known.get("revoked"):
                raise UplinkError(
                    "the cloud's operator has revoked this device: ask why; it can be registered anew with a new key"
                )
            return known
        if not _passes(answer) or clock() >= deadline:
            raise UplinkError(answer.sentence)
        on_wait(answer.sentence)
        sleep(max(EVERY, min(answer.pause, deadline - clock())))


def agrees(known: Mapping[str, object], scope: str, reference: str | None) -> bool:
    """Whether the cloud, by what it ``known``s of this device, would take samples of that consent."""
    consent = known.get("consent")
    if not isinstance(consent, Mapping):
        return False
    references = consent.get("references")
    named = reference is None or not isinstance(references, list) or reference in references
    return named and consent.get("scope") in ("faces", scope)


def _passes(answer: Answer) -> bool:
    return answer.verdict is Verdict.LATER or answer.code == "unknown_device"
