"""What is wrong with a certificate, the broker's or ours, in words that say what to do; a wrong clock is told from both."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from howsitgoing_edge.mqtt.access import Access

_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE", "ACCESS_DENIED")
"""Parts of the names of TLS alerts by which a broker turns a client's certificate down"""
_NOT_YET_VALID, _EXPIRED, _WRONG_HOST, _WRONG_ADDRESS = 9, 10, 62, 64
"""OpenSSL's X509_V_ERR_…"""
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}


@dataclass(frozen=True)
class Span:
    """When a certificate holds."""

    begins: datetime
    ends: datetime


def name(error: Exception) -> str:
    """OpenSSL's name of it, or whatever it says."""
    return getattr(error, "reason", None) or str(error)


def is_about_ours(error: Exception) -> bool:
    """Whether the broker turned our certificate down, and said so."""
    return isinstance(error, ssl.SSLError) and "ALERT" in name(error) and any(part in name(error) for part in _ALERTS)


def span(pem: bytes | None) -> Span | None:
    """Of the first certificate in ``pem``; None: unknown."""
    try:
        from cryptography import x509  # of the extra 'cloud': without it less can be said
    except ImportError:
        return None
    try:
        certificate = x509.load_pem_x509_certificate(pem or b"")
    except ValueError:
        return None
    return Span(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def untrusted(error: ssl.SSLCertVerificationError, access: Access, now: datetime | None = None) -> str:
    """Why we do not trust the broker's certificate."""
    now = now or datetime.now(UTC)
    advice = f"check mqtt.tls.ca_file, mqtt.host, and whether this device's clock is right ({_day(now)})"
    code = error.verify_code
    if code in {_NOT_YET_VALID, _EXPIRED}:
        ours = span(access.certificate)
        when = "begins only later" if code == _NOT_YET_VALID else "has ended"
        if ours is None:
            doubt = "set the clock (timedatectl); if it is right, the broker's certificate is at fault"
        elif ours.begins <= now <= ours.ends:
            doubt = "ours is valid at that time, so the broker needs a new certificate, or its authority's has ended"
        else:
            doubt = "ours is not valid at that time either, so the clock is wrong: set it (timedatectl)"
        advice = f"by this device's clock, {_day(now)}, it {when}; {doubt}"
    elif code in _UNKNOWN_AUTHORITY:
        advice = "mqtt.tls.ca_file must hold the authority that signed it" + (
            "" if access.own_authority else "; none is named, so the system's are asked"
        )
    elif code in {_WRONG_HOST, _WRONG_ADDRESS}:
        advice = "it belongs to another host; check mqtt.host"
    return f"{error.verify_message}; {advice}"


def turned_down(error: Exception, access: Access, now: datetime | None = None) -> str:
    """Why the broker does not accept ours, as far as it says so."""
    if not access.certified:
        sure = "" if is_about_ours(error) else "probably "
        return f"{sure}wants a client certificate ({name(error)}); check mqtt.tls.certificate and mqtt.tls.key"
    now = now or datetime.now(UTC)
    ours = span(access.certificate)
    if ours is not None and now < ours.begins:
        return (
            f"does not accept our certificate ({name(error)}): it begins on {_day(ours.begins)}, and this device's clock says "
            f"{_day(now)}; set the clock (timedatectl)"
        )
    ended = f" on {_day(ours.ends)}" if ours is not None and now > ours.ends else ""
    if ended or "EXPIRED" in name(error):
        return (
            f"does not accept our certificate ({name(error)}): it expired{ended}; get a new one "
            "(on AWS: howsitgoing aws join) and name it in mqtt.tls.certificate"
        )
    told = next((text for part, text in _SAID.items() if part in name(error)), None)
    if told is not None:
        return f"does not accept our certificate ({name(error)}): {told}"
    sure = "" if is_about_ours(error) else "probably "
    return f"{sure}does not accept our certificate ({name(error)}); check mqtt.tls.certificate and mqtt.tls.key"


_SAID: Final = {
    "REVOKED": "it was revoked; get a new one (on AWS: howsitgoing aws join) and name it in mqtt.tls.certificate",
    "UNKNOWN_CA": "the broker does not know the authority that signed it; was mqtt.tls.certificate made for this broker?",
}


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
