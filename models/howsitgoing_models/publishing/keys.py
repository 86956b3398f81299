"""The publisher's Ed25519 key: whoever has it decides what every device runs. It stays with its owner."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from howsitgoing_models.errors import PublishError

_LARGEST: Final = 4096
"""Bytes; such a key has about 120"""
_OTHERS: Final = 0o077


def make(file: Path) -> Ed25519PrivateKey:
    """A new key in ``file``, readable by its owner alone.

    Raises:
        PublishError: there is a file already, it would lie in a git checkout, or it cannot be written.
    """
    checkout = next((folder for folder in file.resolve().parents if (folder / ".git").exists()), None)
    if checkout is not None:
        raise PublishError(f"{file} would lie in the checkout {checkout}: keep the key outside, so that it is never committed")
    key = Ed25519PrivateKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError as error:
        raise PublishError(f"{file} is there already; a key is never overwritten") from error
    except OSError as error:
        raise PublishError(f"{file} cannot be written ({error.strerror})") from error
    return key


def load(file: Path) -> Ed25519PrivateKey:
    """The key in ``file``.

    Raises:
        PublishError: it is missing, no such key, or others can read it.
    """
    try:
        with file.open("rb") as stream:
            others = os.fstat(stream.fileno()).st_mode & _OTHERS
            content = stream.read(_LARGEST)
    except OSError as error:
        raise PublishError(f"{file} cannot be read ({error.strerror}); 'howsitgoing-models key {file}' makes a key") from error
    if others:
        raise PublishError(f"others on this machine can read {file}: chmod 600 {file}, and think of a new key")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PublishError(f"{file} holds no key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PublishError(f"{file} holds no Ed25519 key: 'howsitgoing-models key' makes one")
    return key


def public(key: Ed25519PrivateKey) -> str:
    """What devices are told, ``model.public_key``: 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
