"""Signed content: opened only if the publisher's key has signed it, for this very use.

The envelope is DSSE (github.com/secure-systems-lab/dsse, protocol v1): what is signed is the payload's bytes together with its
type, so nothing need be put into a canonical form, and a signature for one use is worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from howsitgoing_edge.errors import PermanentError, UpdateRefused

CHANNEL: Final = "application/vnd.howsitgoing.channel+json"
MANIFEST: Final = "application/vnd.howsitgoing.manifest+json"
_MOST_SIGNATURES: Final = 8


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Signature(_Part):
    sig: str = Field(max_length=200)


class _Envelope(_Part):
    kind: str = Field(alias="payloadType")
    payload: str
    signatures: tuple[_Signature, ...] = Field(max_length=_MOST_SIGNATURES)


def opened(envelope: bytes, kind: str, key: str, where: str) -> bytes:
    """The payload of ``envelope``.

    Args:
        envelope: as it was fetched; nobody is to be believed yet.
        kind: the use that it must have been signed for.
        key: Ed25519 public key, base64.
        where: named in messages.

    Raises:
        UpdateRefused: it is no such envelope, or ``key`` has not signed it.
        PermanentError: the package that checks signatures is missing.
    """
    try:
        found = _Envelope.model_validate_json(envelope)
        payload = base64.b64decode(found.payload, validate=True)
        signatures = [base64.b64decode(one.sig, validate=True) for one in found.signatures]
    except (ValidationError, binascii.Error, ValueError) as error:
        raise UpdateRefused(f"{where} is not a signed file of 'howsitgoing-models publish'") from error
    if found.kind != kind or not any(_signed(signature, signed_bytes(kind, payload), key) for signature in signatures):
        raise UpdateRefused(f"{where} is not signed by model.public_key: somebody else's, or tampered with")
    return payload


def signed_bytes(kind: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def _signed(signature: bytes, message: bytes, key: str) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ModuleNotFoundError as error:
        raise PermanentError("newer networks need the package cryptography: pip install 'howsitgoing[update]'") from error
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
