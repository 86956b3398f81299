"""A certificate authority of a test's own, by the openssl program, strict enough for Python 3.13."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

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

    def context(self, client: Issued | None = None) -> ssl.SSLContext:
        """For a client that trusts this authority."""
        context = ssl.create_default_context(cafile=self.file)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run([need("openssl"), *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
