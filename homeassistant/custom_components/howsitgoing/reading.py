"""From a payload on the broker to a message of the contract, or to the reason why not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ._contract import (
    SCHEMA,
    Availability,
    ContractError,
    Health,
    Info,
    Mood,
    MoodChange,
    Refusal,
    Settings,
    check_device_id,
    decode,
)
from .const import MAX_FACE_BYTES

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.mqtt import ReceivePayloadType

_JPEG: Final = b"\xff\xd8\xff"


class IncompatibleError(ContractError):
    """The device speaks a later version of the contract than this component knows."""


def read[M: (Info, Mood, MoodChange, Settings, Health, Refusal)](kind: type[M], payload: bytes | str) -> M:
    """The message in a JSON payload; unknown fields are ignored.

    Raises:
        IncompatibleError: a later version of the contract.
        ContractError: anything else that does not fit it.
    """
    try:
        return kind.from_json(payload)
    except ContractError as error:
        if _is_later(payload):
            raise IncompatibleError(str(error)) from error
        raise


def read_info(topic: str, payload: ReceivePayloadType) -> Info:
    """The device that announces itself on ``topic``.

    Raises:
        IncompatibleError: see `read`.
        ContractError: also where the payload names another device than the topic does.
    """
    device_id = check_device_id(topic.split("/")[1])
    info = read(Info, payload if isinstance(payload, str) else bytes(payload))
    if info.device_id != device_id:
        raise ContractError(f"device_id: {info.device_id} on the topic of {device_id}")
    return info


def read_availability(payload: bytes) -> Availability:
    """What the device, or its last will, says of its being there.

    Raises:
        ContractError: none of the words of the contract.
    """
    for word in Availability:
        if payload == word.encode():
            return word
    raise ContractError(f"{payload[:40]!r} is not one of {', '.join(Availability)}")


def read_face(payload: bytes) -> bytes:
    """A JPEG.

    Raises:
        ContractError: something else, or too large for a face.
    """
    if len(payload) > MAX_FACE_BYTES:
        raise ContractError(f"{len(payload)} bytes: at most {MAX_FACE_BYTES} are read")
    if not payload.startswith(_JPEG):
        raise ContractError("not a JPEG")
    return payload


def _is_later(payload: bytes | str) -> bool:
    with suppress(ContractError):
        version = decode(payload).get("schema")
        return isinstance(version, int) and version > SCHEMA
    return False
