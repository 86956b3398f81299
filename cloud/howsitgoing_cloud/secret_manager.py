"""Tokens in Google's Secret Manager, by its REST interface and the function's own identity."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from google.auth.transport.requests import AuthorizedSession
from requests import Response

from howsitgoing_cloud.errors import PermanentError, QuotaError, TransientError
from howsitgoing_cloud.google_errors import translated
from howsitgoing_cloud.secret_files import NAME

ADDRESS: Final = "https://secretmanager.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_S: Final = 5.0
_TOO_MANY: Final = 429
_FAULT: Final = 500


@dataclass(frozen=True)
class SecretManager:
    """Implements `howsitgoing_cloud.ports.Secrets`."""

    project: str
    session: AuthorizedSession
    address: str = ADDRESS

    def get(self, name: str) -> str:
        """The newest version of the secret. Raises as `howsitgoing_cloud.ports.Secrets.get`."""
        if not NAME.fullmatch(name):
            raise PermanentError(f"{name[:40]!r} is no name of a secret: letters, digits, _ and -")
        where = f"{self.address}/v1/projects/{self.project}/secrets/{name}/versions/latest:access"
        with translated("Secret Manager"):
            answer = self.session.get(where, timeout=TIMEOUT_S)
        _check(answer, name)
        try:
            return base64.b64decode(answer.json()["payload"]["data"], validate=True).decode().strip()
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise PermanentError(f"the secret {name} is not text: write the token anew") from error


def _check(answer: Response, name: str) -> None:
    if answer.status_code == _TOO_MANY:
        raise QuotaError("Secret Manager: too much at once")
    if answer.status_code >= _FAULT:
        raise TransientError(f"Secret Manager cannot just now ({answer.status_code})")
    if not answer.ok:
        raise PermanentError(
            f"the secret {name} cannot be read ({answer.status_code}): is it there, and may the function read it?"
        )


def own_identity() -> AuthorizedSession:
    """As whom the function runs. Raises PermanentError where there is no identity."""
    import google.auth

    with translated("Google Cloud"):
        identity, _ = google.auth.default(scopes=[SCOPE])
    return AuthorizedSession(identity)
