"""What is stored of a sample, where, and whether it may be. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from howsitgoing_cloud import problems
from howsitgoing_cloud._contract import ContractError, Sample, check_device_id, from_rfc3339
from howsitgoing_cloud.devices import Device
from howsitgoing_cloud.problems import Refused

FACES: Final = "faces/"
"""Prefix of all crops"""
AHEAD: Final = timedelta(minutes=5)
"""How far a reading may lie in the future: as far as a token may live"""
MAX_INTEGER: Final = 2**63 - 1
"""Firestore keeps no larger one."""
UNLABELLED: Final = {"value": None, "source": "none", "by": None, "at": None}
"""A prediction is never a label."""

_CROP: Final = re.compile(r"faces/([a-z0-9][a-z0-9_-]{0,31})/\d{4}/\d\d/\d\d/([0-9a-f-]{36})\.jpg", re.ASCII)


def read_sample(payload: bytes) -> Sample:
    """The part ``event``.

    Raises:
        Refused: it does not fit the contract.
    """
    try:
        sample = Sample.from_json(payload)
    except ContractError as error:
        raise Refused(problems.BAD_EVENT, str(error)) from None
    if sample.track > MAX_INTEGER:
        raise Refused(problems.BAD_EVENT, "track: more than 64 bits")
    return sample


def check_time(sample: Sample, now: datetime, retention: timedelta) -> None:
    """Take it only if it can be of now.

    Raises:
        Refused: from the future, or so old that it would have expired.
    """
    for name, text in (("changed_at", sample.changed_at), ("noticed_at", sample.noticed_at)):
        at = from_rfc3339(text)
        if at > now + AHEAD:
            raise Refused(problems.BAD_TIME, f"{name}: {text[:40]} is in the future; is the device's clock right?")
        if at < now - retention:
            raise Refused(
                problems.BAD_TIME, f"{name}: {text[:40]} is longer ago than the {retention.days} days that samples are kept"
            )


def check_consent(sample: Sample, device: Device) -> None:
    """Take it only if the operator registered that people at this device agreed to it.

    Raises:
        Refused: they did not.
    """
    agreed, given = device.consent, sample.consent
    if agreed is None:
        raise Refused(
            problems.CONSENT, f"no consent is registered for {device.device_id}: howsitgoing-cloud devices add … --consent"
        )
    if given.scope == "faces" and agreed.scope != "faces":
        raise Refused(problems.CONSENT, f"the consent registered for {device.device_id} covers moods, not faces")
    if given.reference is not None and agreed.references is not None and given.reference not in agreed.references:
        raise Refused(problems.CONSENT, f"the consent {given.reference} is not registered for {device.device_id}")


def digest(sample: Sample) -> str:
    """SHA-256 of all that the contract knows of the sample: the same content has the same digest."""
    plain = json.dumps(asdict(sample), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def crop_path(device_id: str, sample: Sample) -> str:
    """Where its crop lies: ``faces/<device_id>/<yyyy>/<mm>/<dd>/<event id>.jpg``, by the day in UTC on which it was noticed."""
    day = from_rfc3339(sample.noticed_at)
    return f"{FACES}{check_device_id(device_id)}/{day:%Y/%m/%d}/{sample.id}.jpg"


def event_of_crop(path: str) -> str | None:
    """Id of the event whose crop has this path; None if no crop has such a one."""
    match = _CROP.fullmatch(path)
    return None if match is None else match[2]


def document(sample: Sample, device_id: str, bucket: str, now: datetime, retention: timedelta) -> dict[str, Any]:
    """``samples/{id}`` as Firestore keeps it."""
    face = sample.face
    image = None if face is None else {"bucket": bucket, "path": crop_path(device_id, sample), **asdict(face)}
    return {
        "device_id": device_id,
        "event": json.loads(replace(sample, face=None).to_json()),
        "digest": digest(sample),
        "image": image,
        "label": dict(UNLABELLED),
        "consent": asdict(sample.consent),
        "received_at": now,
        "expires_at": now + retention,
    }
