"""A device's token: a JWT over the hash of the body, signed by the device's own Ed25519 key, good for five minutes and once."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from howsitgoing_cloud import problems
from howsitgoing_cloud._contract import ContractError, check_device_id
from howsitgoing_cloud.problems import Refused

ALGORITHM: Final = "EdDSA"
MAX_LIFE_S: Final = 300
SKEW_S: Final = 60
"""How far a device's clock may be off"""
MAX_TOKEN: Final = 4096
"""Characters"""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LATEST: Final = 253_402_300_799
"""The end of the year 9999; a later time is none."""


@dataclass(frozen=True)
class Claimed:
    """What an unverified token says of itself: just enough to look it up."""

    token: str
    device_id: str
    jti: str | None
    """None: none that could be right"""


@dataclass(frozen=True)
class Token:
    """A verified token."""

    device_id: str
    jti: str
    forget_at: int
    """Unix seconds; from then on it is refused by its age, and need not be remembered"""


def claimed(authorization: str | None) -> Claimed:
    """The token in the header ``Authorization``.

    Raises:
        Refused: there is none, or it cannot be read.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(problems.TOKEN_MISSING, "send 'Authorization: Bearer <JWT>'")
    if len(token) > MAX_TOKEN:
        raise Refused(problems.TOKEN_BROKEN, f"at most {MAX_TOKEN} characters")
    try:
        header = jwt.get_unverified_header(token)
        device_id = check_device_id(str(header.get("kid", "")))
        jti = str(jwt.decode(token, options={"verify_signature": False}).get("jti"))
    except (jwt.InvalidTokenError, ContractError, ValueError, RecursionError):
        raise Refused(problems.TOKEN_BROKEN, "not a JWT whose header names the device as 'kid'") from None
    if header.get("alg") != ALGORITHM:
        raise Refused(problems.TOKEN_BROKEN, f"only the algorithm {ALGORITHM} is taken")
    return Claimed(token, device_id, jti if _UUID.fullmatch(jti) else None)


def verified(given: Claimed, key: Ed25519PublicKey, audience: str, body_sha256: str, now: datetime) -> Token:
    """The token, once all of it is right; whether it was used before is not known here.

    Raises:
        Refused: and which of its parts is wrong.
    """
    claims = _signed(given, key, audience)
    seconds = now.timestamp()
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if not 0 < expires - issued <= MAX_LIFE_S:
        raise Refused(problems.TOKEN_BROKEN, f"'exp' must be at most {MAX_LIFE_S} s after 'iat'")
    if issued > seconds + SKEW_S:
        raise Refused(problems.CLOCK, f"the device's clock is {issued - seconds:.0f} s ahead; set it, for example by NTP")
    if expires < seconds - SKEW_S:
        late = seconds - expires
        raise Refused(problems.EXPIRED, f"it expired {late:.0f} s ago: sent late, or the device's clock is behind")
    if not _UUID.fullmatch(str(claims["jti"])):
        raise Refused(problems.TOKEN_BROKEN, "'jti' must be a UUID in lower case")
    body = claims["body"]
    if not isinstance(body, str) or not _SHA256.fullmatch(body) or not hmac.compare_digest(body, body_sha256):
        raise Refused(problems.BODY, "its claim 'body' is not the SHA-256 of what was sent")
    return Token(given.device_id, str(claims["jti"]), expires + SKEW_S)


def _signed(given: Claimed, key: Ed25519PublicKey, audience: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            given.token,
            key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=given.device_id,
            options={
                "require": ["iss", "aud", "iat", "exp", "jti", "body"],
                "strict_aud": True,
                "verify_exp": False,  # the times are looked at here, with the clock of the caller
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidSignatureError:
        raise Refused(problems.SIGNATURE, "signed by another key; register the device's own anew") from None
    except jwt.InvalidAudienceError:
        raise Refused(problems.AUDIENCE, "its claim 'aud' is not this function's audience") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        detail = str(error)[:80] if isinstance(error, jwt.MissingRequiredClaimError) else "it cannot be read"
        raise Refused(problems.TOKEN_BROKEN, detail) from None


def _seconds(claims: dict[str, Any], name: str) -> int:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise Refused(problems.TOKEN_BROKEN, f"'{name}' must be Unix seconds")
    return int(value)
