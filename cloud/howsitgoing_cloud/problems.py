"""Every answer that refuses, as RFC 9457 problem details: a frozen description a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from howsitgoing_cloud.errors import PermanentError

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One kind of refusal."""

    status: int
    code: str
    """For programs; part of the contract with devices"""
    title: str

    def to_dict(self, detail: str, more: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "type": f"urn:howsitgoing:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": detail,
            "code": self.code,
            **more,
        }


@dataclass(eq=False)
class Refused(PermanentError):  # noqa: N818  named after what happened
    """A request that is not done."""

    problem: Problem
    detail: str
    """One sentence for whoever looks after the device"""
    more: dict[str, Any] = field(default_factory=dict)
    """Further members of the answer"""
    retry_after_s: int | None = None

    def __str__(self) -> str:
        return self.detail


BAD_REQUEST: Final = Problem(400, "bad_request", "The request cannot be read")
BAD_EVENT: Final = Problem(400, "bad_event", "The event does not fit the contract")
BAD_TIME: Final = Problem(400, "bad_time", "The event's time cannot be right")
BAD_FACE: Final = Problem(400, "bad_face", "The face is not the picture that the event describes")
TOKEN_MISSING: Final = Problem(401, "token_missing", "No token")
TOKEN_BROKEN: Final = Problem(401, "token_broken", "The token cannot be read, or lacks a claim")
UNKNOWN_DEVICE: Final = Problem(401, "unknown_device", "No such device is registered")
SIGNATURE: Final = Problem(401, "signature", "The token is not signed by the device's registered key")
BODY: Final = Problem(401, "body", "The token was made for another body")
AUDIENCE: Final = Problem(401, "audience", "The token was made for another address")
EXPIRED: Final = Problem(401, "expired", "The token has expired")
CLOCK: Final = Problem(401, "clock", "The device's clock is off")
REPLAYED: Final = Problem(401, "replayed", "The token has been used before")
REVOKED: Final = Problem(403, "revoked", "The device may no longer send")
CONSENT: Final = Problem(403, "consent", "Nobody agreed to have this stored")
NOT_FOUND: Final = Problem(404, "not_found", "There is nothing at this address")
METHOD: Final = Problem(405, "method", "Not done at this address")
CONFLICT: Final = Problem(409, "conflict", "Another event has this id")
TOO_LARGE: Final = Problem(413, "too_large", "Too large")
MEDIA: Final = Problem(415, "media_type", "Not a media type that is understood here")
SLOWER: Final = Problem(429, "slower", "Too much at once")
INTERNAL: Final = Problem(500, "internal", "A fault of the cloud side")
LATER: Final = Problem(503, "later", "Not just now")
