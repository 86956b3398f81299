"""Public keys of devices: Ed25519, as base64 of their SubjectPublicKeyInfo, as PEM, or as their bare 32 bytes in base64."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key, load_pem_public_key

from howsitgoing_cloud.errors import ConfigError

_RAW_BYTES: Final = 32
_LONGEST: Final = 1024


@lru_cache(maxsize=1024)
def read_public_key(text: str) -> Ed25519PublicKey:
    """The key.

    Raises:
        ConfigError: it is none, or of another kind.
    """
    wanted = "an Ed25519 public key, as 'howsitgoing cloud key' on the device prints it"
    if len(text) > _LONGEST:
        raise ConfigError(f"this is too long to be {wanted}")
    if "PRIVATE KEY" in text:
        raise ConfigError(f"this is a private key, which never leaves the device; here belongs {wanted}")
    try:
        key = _read(text.strip())
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        raise ConfigError(f"this is not {wanted}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"this key is of another kind; here belongs {wanted}")
    return key


def _read(text: str) -> object:
    if text.startswith("-----BEGIN"):
        return load_pem_public_key(text.encode())
    raw = base64.b64decode(text.encode(), validate=True)
    return Ed25519PublicKey.from_public_bytes(raw) if len(raw) == _RAW_BYTES else load_der_public_key(raw)


def write_public_key(key: Ed25519PublicKey) -> str:
    """As one word: base64 of its SubjectPublicKeyInfo."""
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
