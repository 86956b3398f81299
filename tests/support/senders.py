"""A device as the cloud sees it: its key, its tokens, right and forged, and what it sends."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image
from support.functions import AUDIENCE

BOUNDARY = "howsitgoing-test-boundary"


def jpeg(width: int = 112, height: int = 112, shade: int = 120, **options: Any) -> bytes:  # noqa: ANN401  Pillow's
    """A picture without a face in it: the cloud doesn't look for one."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB").point(lambda level: (level + shade) % 256)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def now_rfc3339(seconds_ago: float = 0) -> str:
    """A time as in an event."""
    at = datetime.fromtimestamp(time.time() - seconds_ago, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sample(face: bytes | None = None, **but: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """The part ``event`` of a request, as the device would write it."""
    picture = None if face is None else {"sha256": hashlib.sha256(face).hexdigest(), "width": 112, "height": 112}
    scores = {"angry": 0.01, "disgust": 0.0, "fear": 0.01, "happy": 0.88, "neutral": 0.08, "sad": 0.01, "surprise": 0.01}
    return {
        "schema": 1,
        "id": str(uuid_utils.uuid7()),
        "reason": "change",
        "previous": "neutral",
        "emotion": "happy",
        "confidence": 0.88,
        "scores": scores,
        "changed_at": now_rfc3339(0.5),
        "noticed_at": now_rfc3339(),
        "track": 3,
        "session": str(uuid_utils.uuid7()),
        "model": {"id": "emotion-1", "sha256": "9f" * 32},
        "consent": {"scope": "moods"} if face is None else {"scope": "faces", "reference": "C-2026-014"},
        "readable": 0.97,
        "face": picture,
    } | but


def body(event: bytes, face: bytes | None) -> bytes:
    """multipart/form-data by hand, so that a test can send anything."""
    parts = [("event", "application/json", event)] + ([("face", "image/jpeg", face)] if face is not None else [])
    return (
        b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, kind, data in parts
        )
        + f"--{BOUNDARY}--\r\n".encode()
    )


@dataclass
class Sender:
    """One device with its private key."""

    device_id: str = "hat-1"
    audience: str = AUDIENCE
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public_key(self) -> str:
        """As the device tells it: base64 of the SubjectPublicKeyInfo."""
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def document(self, **but: Any) -> dict[str, Any]:  # noqa: ANN401  Firestore values
        """``devices/{device_id}`` with consent to all."""
        return {
            "public_key": self.public_key,
            "created_at": datetime.now(UTC),
            "revoked_at": None,
            "consent": {"scope": "faces", "references": None},
            "blynk": None,
            "pushed": None,
        } | but

    def claims(self, raw: bytes = b"", **but: Any) -> dict[str, Any]:  # noqa: ANN401
        """Of a right token, but for ``but``; a value of None takes a claim out."""
        now = int(time.time())
        right = {
            "iss": self.device_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            "body": hashlib.sha256(raw).hexdigest(),
        }
        return {name: value for name, value in (right | but).items() if value is not None}

    def token(self, raw: bytes = b"", **but: Any) -> str:  # noqa: ANN401
        """Signed."""
        payload = json.dumps(self.claims(raw, **but)).encode()  # by PyJWS, which lets anything pass
        return jwt.PyJWS().encode(payload, self.key, algorithm="EdDSA", headers={"kid": self.device_id, "typ": "JWT"})

    def post(
        self,
        url: str,
        event: dict[str, Any] | bytes,
        face: bytes | None = None,
        *,
        token: str | None = None,
        raw: bytes | None = None,
    ) -> httpx.Response:
        """Send one sample; ``raw`` is the whole body if it shall be another, an empty ``token`` none at all."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        whole = body(payload, face) if raw is None else raw
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        if token != "":
            headers["Authorization"] = f"Bearer {self.token(whole) if token is None else token}"
        return httpx.post(f"{url}/v1/samples", content=whole, headers=headers, timeout=30)
