"""A certificate authority of a test's own, by the openssl program, strict enough for Python 3.13."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from support.parts import need

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Issued:
    """A certificate and its private key, PEM."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates that last two days."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        """Makes the authority's own certificate in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.file = folder / "ca.pem"
        self._key = folder / "ca.key"
        uses = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        _openssl("req", "-x509", *CURVE, "-keyout", self._key, "-out", self.file, "-days", "2", "-subj", f"/CN={name}", *uses)

    def issue(self, name: str, *, server: bool = False, host: str = "IP:127.0.0.1,DNS:localhost") -> Issued:
        """A certificate for a client called ``name``, or for a server at ``host``."""
        issued = Issued(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request, extensions = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        lines = [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            f"extendedKeyUsage={'serverAuth' if server else 'clientAuth'}",
            "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
            *([f"subjectAltName={host}"] if server else []),
        ]
        extensions.write_text("\n".join(lines) + "\n")
        _openssl("req", "-new", *CURVE, "-keyout", issued.key, "-out", request, "-subj", f"/CN={name}")
        signed_by = ("-CA", self.file, "-CAkey", self._key, "-CAcreateserial", "-extfile", extensions)
        _openssl("x509", "-req", "-in", request, "-out", issued.certificate, "-days", "2", *signed_by)
        return issued

    def issue_for(self, name: str, begins: float, ends: float, *, server: bool = False) -> Issued:
        """As `issue`, valid from ``begins`` to ``ends``, in days from now."""
        issued = self.issue(name, server=server)
        old = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
        now = datetime.now(UTC)
        new = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), x509.random_serial_number())
        new = new.not_valid_before(now + timedelta(days=begins)).not_valid_after(now + timedelta(days=ends))
        for extension in old.extensions:
            new = new.add_extension(extension.value, extension.critical)
        issued.certificate.write_bytes(_pem(new.sign(self._signing_key(), hashes.SHA256())))
        return issued

    def sign(self, request: str, days: float = 2) -> str:
        """A certificate for whoever made this CSR, as PEM, as an operator's authority would give it."""
        asked = x509.load_pem_x509_csr(request.encode())
        now = datetime.now(UTC)
        new = x509.CertificateBuilder(
            x509.load_pem_x509_certificate(self.file.read_bytes()).subject,
            asked.subject,
            asked.public_key(),
            x509.random_serial_number(),
        )
        new = new.not_valid_before(now - timedelta(days=2)).not_valid_after(now + timedelta(days=days))
        return _pem(new.sign(self._signing_key(), hashes.SHA256())).decode()

    def revoke(self, issued: Issued) -> Path:
        """A list of revoked certificates with this one in it."""
        now = datetime.now(UTC)
        number = x509.load_pem_x509_certificate(issued.certificate.read_bytes()).serial_number
        revoked = x509.RevokedCertificateBuilder(number, now).build()
        authority = x509.load_pem_x509_certificate(self.file.read_bytes())
        listed = x509.CertificateRevocationListBuilder(authority.subject, now, now + timedelta(days=1))
        listed = listed.add_revoked_certificate(revoked)
        file = self._folder / "revocations.crl"
        file.write_bytes(_pem(listed.sign(self._signing_key(), hashes.SHA256())))
        return file

    def _signing_key(self) -> EllipticCurvePrivateKey:
        key = load_pem_private_key(self._key.read_bytes(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return key

    def context(self, client: Issued | None = None) -> ssl.SSLContext:
        """For a client that trusts this authority."""
        context = ssl.create_default_context(cafile=self.file)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run([need("openssl"), *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def _pem(content: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    return content.public_bytes(Encoding.PEM)
