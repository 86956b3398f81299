"""The device's own Ed25519 key: made here, kept here for its owner alone, and never sent anywhere."""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
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

from howsitgoing_edge.errors import IdentityError, StorageError

FILE_NAME: Final = "device_key.pem"
_LARGEST: Final = 4096
"""Bytes; such a key has about 120"""
_OTHERS: Final = 0o077


def load_key(folder: Path) -> Ed25519PrivateKey | None:
    """The key in ``folder``; None: there is none yet.

    Raises:
        IdentityError: there is something, but it cannot be used, or others could have read it.
    """
    file = folder / FILE_NAME
    try:
        with open(file, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW)) as stream:
            others = os.fstat(stream.fileno()).st_mode & _OTHERS
            content = stream.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IdentityError(f"the device's key {file} cannot be read ({error.strerror})") from error
    if others:
        raise IdentityError(f"others on this machine can read the device's key: chmod 600 {file}")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise IdentityError(f"{file} holds no key: move it away, then 'howsitgoing cloud join' makes a new one") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise IdentityError(f"{file} holds no Ed25519 key: move it away, then 'howsitgoing cloud join' makes a new one")
    return key


def make_key(folder: Path) -> Ed25519PrivateKey:
    """The key in ``folder``, made now if there is none; whole or not at all, and one alone if two make it at once.

    Raises:
        IdentityError: as `load_key`.
        StorageError: it cannot be written.
    """
    if (found := load_key(folder)) is not None:
        return found
    made = Ed25519PrivateKey.generate()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=FILE_NAME) as aside:  # of mode 0600
            aside.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            aside.flush()
            os.fsync(aside.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(aside.name, folder / FILE_NAME)
    except OSError as error:
        raise StorageError(f"the device's key cannot be kept in {folder} ({error.strerror})") from error
    return load_key(folder) or made


def public_key(key: Ed25519PrivateKey) -> str:
    """What the cloud is told: SubjectPublicKeyInfo in base64, one word."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
