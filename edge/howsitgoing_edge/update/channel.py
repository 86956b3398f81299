"""``latest.json``: which network its publisher wants devices to use now, and until when that may be believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from howsitgoing_edge.contract import MAX_NOTE_CHARACTERS
from howsitgoing_edge.errors import UpdateRefused
from howsitgoing_edge.update.signing import CHANNEL, opened

FILE: Final = "latest.json"
MAX_CHANNEL_BYTES: Final = 16_384
MAX_BUNDLE_BYTES: Final = 32 << 20
"""A released network has 1 MB"""

ModelId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""Also the name of a folder"""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d{1,6}(\.\d{1,6}){0,3}$")]


class Part(BaseModel):
    """Unknown keys are ignored: a newer publisher may say more, as long as the schema is the same."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BundleFile(Part):
    """The archive, by its content."""

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")]
    """Beside the channel's own file"""
    size: int = Field(ge=1, le=MAX_BUNDLE_BYTES)
    """Bytes"""
    sha256: Sha256


class Channel(Part):
    """What the publisher says now. Verified by `read_channel`, and by `believe` against what was known before."""

    schema_: Literal[1] = Field(alias="schema")
    sequence: int = Field(ge=1)
    """One more each time that it is signed: what was withdrawn cannot be shown to a device again"""
    published_at: AwareDatetime
    expires_at: AwareDatetime
    """Later than this it says nothing: somebody may be keeping the newer one from us"""
    model: ModelId
    bundle: BundleFile
    minimum_agent: Version
    notes: str = Field("", max_length=MAX_NOTE_CHARACTERS)
    """For people: what it brings"""


def read_channel(content: bytes, key: str) -> Channel:
    """The channel in a signed ``latest.json``.

    Raises:
        UpdateRefused: it is not signed by ``key``, or not what this version reads.
    """
    try:
        return Channel.model_validate_json(opened(content, CHANNEL, key, FILE))
    except ValidationError as error:
        raise UpdateRefused(f"{FILE} is signed, but not what this version of the agent reads: {_first(error)}") from error


def believe(channel: Channel, *, sequence: int, sha256: str | None, now: datetime, agent: str) -> None:
    """Hold ``channel`` against what this device knows.

    Args:
        channel: signed by the right key.
        sequence: the highest one that was ever believed.
        sha256: of the bundle that came with that one; None: not known.
        now: aware.
        agent: version of this program.

    Raises:
        UpdateRefused: an older one, another one of the same number, one past its time, or one for a newer agent.
    """
    if channel.sequence < sequence:
        raise UpdateRefused(f"{FILE} is number {channel.sequence}, but number {sequence} was here before: an old one, put back")
    if channel.sequence == sequence and sha256 not in {None, channel.bundle.sha256}:
        raise UpdateRefused(f"there are two different {FILE} of number {sequence}: ask its publisher")
    if channel.expires_at <= now:
        raise UpdateRefused(
            f"{FILE} was good until {channel.expires_at.astimezone(UTC):%Y-%m-%d}: its publisher has to renew it, or this"
            " device's clock is wrong"
        )
    if _numbers(agent) < _numbers(channel.minimum_agent):
        raise UpdateRefused(f"{channel.model} needs version {channel.minimum_agent} of this program, and this is {agent}")


def _numbers(version: str) -> tuple[int, ...]:
    """The release's numbers; what follows, such as ``.dev1``, does not count."""
    found = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _first(error: ValidationError) -> str:
    finding = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, finding['loc']))}: {finding['msg']}"
