"""Proof that a request comes from this device, and that nobody changed it: a JWT of five minutes over the body's hash."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Generator
from typing import Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LIFE: Final = 300
"""Seconds; the cloud accepts no more"""


class DeviceAuth(httpx.Auth):
    """Signs each request, a repeated one anew."""

    requires_request_body = True

    def __init__(self, device_id: str, audience: str, key: Ed25519PrivateKey, clock: Callable[[], float] = time.time) -> None:
        """``clock``: Unix seconds."""
        self._device_id = device_id
        self._audience = audience
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth."""
        request.headers["Authorization"] = f"Bearer {self.token(request.content)}"
        yield request

    def token(self, body: bytes) -> str:
        """For a request with ``body``."""
        now = int(self._clock())
        claims = {
            "iss": self._device_id,
            "aud": self._audience,
            "iat": now,
            "exp": now + LIFE,
            "jti": str(uuid.uuid4()),
            "body": hashlib.sha256(body).hexdigest(),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._device_id})
