"""A private key that never leaves this machine, the request for a certificate to it, and the certificate that comes back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from howsitgoing_edge.errors import ConfigError, IdentityError, StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_OTHERS: Final = 0o077


def need_packages(names: Sequence[str] = ("cryptography",)) -> None:
    """Raises ConfigError where one is missing, with how to get it."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise ConfigError(f'{" and ".join(missing)} must be installed for that: pip install "howsitgoing[aws]"')


def make_key(file: Path) -> EllipticCurvePrivateKey:
    """The key in ``file``; made now (ECDSA, P-256, mode 0600) if there is none.

    Raises:
        IdentityError: what is there is no such key, or others can read it.
        StorageError: it cannot be written or read.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        if file.exists():
            return _read_key(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(pem)
            os.fsync(stream.fileno())
    except OSError as error:
        raise StorageError(f"the key {file} cannot be written: {error.strerror}") from error
    return key


def _read_key(file: Path) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        others = file.stat().st_mode & _OTHERS
        content = file.read_bytes()
    except OSError as error:
        raise StorageError(f"the key {file} cannot be read: {error.strerror}") from error
    if others:
        raise IdentityError(f"others on this machine can read or change the key: chmod 600 {file}")
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise IdentityError(f"{file} holds no private key: move it away, and a new one is made") from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise IdentityError(f"{file} holds no ECDSA key: move it away, and a new one is made")
    return key


def request(key: EllipticCurvePrivateKey, name: str) -> str:
    """A certificate signing request (PKCS #10, PEM) for ``name``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def fitting(text: str, name: str, key: EllipticCurvePrivateKey, now: datetime | None = None) -> str:
    """The certificate (PEM) in ``text``, checked.

    Args:
        text: PEM, or what ``terraform output -json certificates`` prints: JSON with one for each name.
        name: whose.
        key: what it must belong to.
        now: for tests.

    Raises:
        IdentityError: there is none, it is another's, or it is not valid now.
    """
    from cryptography import x509

    if "PRIVATE KEY" in text:
        raise IdentityError("this holds a private key: nobody may send one around; ask for the certificate alone")
    now = now or datetime.now(UTC)
    found = _CERTIFICATE.search(_of(text, name))
    if found is None:
        raise IdentityError("there is no certificate in it: it begins with -----BEGIN CERTIFICATE-----")
    try:
        certificate = x509.load_pem_x509_certificate(found[0].encode())
        theirs = certificate.public_key()
    except ValueError as error:
        raise IdentityError(f"the certificate is damaged ({error}): have it sent again, as a file") from error
    if theirs != key.public_key():
        raise IdentityError("the certificate belongs to another key: it must be made from this device's own request")
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now >= ends:
        raise IdentityError(f"the certificate ended on {ends:%Y-%m-%d}: ask for a new one (or is this device's clock wrong?)")
    if now < begins:
        raise IdentityError(
            f"the certificate begins on {begins:%Y-%m-%d %H:%M} UTC: is this device's clock right (timedatectl)?"
        )
    return found[0] + "\n"


def _of(text: str, name: str) -> str:
    if not text.lstrip().startswith("{"):
        return text
    try:
        content = json.loads(text)
    except ValueError as error:
        raise IdentityError(f"this is neither PEM nor JSON ({error})") from error
    pem = content.get(name)
    if not isinstance(pem, str):
        raise IdentityError(f"there is no certificate for {name!r} in it, only for {', '.join(sorted(content)) or 'nobody'}")
    return pem


def write_public(file: Path, text: str) -> None:
    """A request or a certificate, which anybody may read; whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    aside = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, "utf-8")
        aside.replace(file)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}") from error
