"""Content in an envelope of DSSE (github.com/secure-systems-lab/dsse, protocol v1), signed for one use; devices open it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from howsitgoing_models.errors import PublishError
from howsitgoing_models.publishing.keys import public

CHANNEL: Final = "application/vnd.howsitgoing.channel+json"
MANIFEST: Final = "application/vnd.howsitgoing.manifest+json"


def signed(payload: bytes, kind: str, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The envelope; whoever knows one of the ``keys`` can open it."""
    message = _signed_bytes(kind, payload)
    signatures = [{"keyid": public(key)[:8], "sig": base64.b64encode(key.sign(message)).decode()} for key in keys]
    envelope = {"payloadType": kind, "payload": base64.b64encode(payload).decode(), "signatures": signatures}
    return json.dumps(envelope, indent=1).encode() + b"\n"


def opened(envelope: bytes, kind: str, keys: Sequence[Ed25519PrivateKey], where: str) -> bytes:
    """What one of ``keys`` has signed before.

    Raises:
        PublishError: none of them has.
    """
    try:
        content = json.loads(envelope)
        payload = base64.b64decode(content["payload"], validate=True)
        signatures = [base64.b64decode(one["sig"], validate=True) for one in content["signatures"]]
    except (ValueError, binascii.Error, KeyError, TypeError) as error:
        raise PublishError(
            f"{where} is there, and is no file of 'howsitgoing-models publish': publish somewhere else"
        ) from error
    if content.get("payloadType") == kind and any(
        _fits(s, _signed_bytes(kind, payload), key) for key in keys for s in signatures
    ):
        return payload
    raise PublishError(f"{where} was signed by another key: give that one as well (--key), or publish somewhere else")


def _signed_bytes(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def _fits(signature: bytes, message: bytes, key: Ed25519PrivateKey) -> bool:
    try:
        key.public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True
