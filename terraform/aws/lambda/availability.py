"""Says ``offline`` of a device that AWS IoT saw go, where its last will did not: an AWS Lambda, called for lifecycle events.

A rule alone can't: what it republishes is JSON and not retained, and `availability` is a retained, plain word.
"""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

ONLINE, OFFLINE = b"online", b"offline"
_QUICK = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: object) -> bool:
    """Whether it had to be said.

    Args:
        event: ``clientId``, and ``timestamp``: milliseconds since 1970 when it went.
        context: Lambda's.

    Raises:
        botocore.exceptions.ClientError: AWS IoT can't just now; Lambda calls again.
    """
    del context
    device, went = str(event["clientId"]), int(event["timestamp"])
    said = _say_offline(device, went)
    log.info(json.dumps({"device": device, "said": said}))
    return said


def _say_offline(device: str, went: int) -> bool:
    topic = f"howsitgoing/{device}/availability"
    try:
        kept = _iot().get_retained_message(topic=topic)
    except _iot().exceptions.ResourceNotFoundException:
        return False  # no device, but a bridge
    # Events come late, twice and out of order. A device that has come back since has said so since.
    if kept["payload"] != ONLINE or kept["lastModifiedTime"] >= went:
        return False
    _iot().publish(topic=topic, payload=OFFLINE, qos=1, retain=True)
    return True


@cache
def _iot() -> Any:  # noqa: ANN401  boto3 makes its clients as it goes
    return boto3.client("iot-data", endpoint_url=os.environ["IOT_ENDPOINT"], config=_QUICK)
