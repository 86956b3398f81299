"""Names and limits that several files of the component share."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

DOMAIN: Final = "howsitgoing"
LOGGER: Final = logging.getLogger(__package__)

CONF_DEVICE_ID: Final = "device_id"
CONF_INFO: Final = "info"

FEATURE_SPEECH: Final = "speech"
FEATURE_FACE_IMAGE: Final = "face_image"
FEATURE_MODEL_UPDATE: Final = "model_update"

EVENT_MOOD_CHANGE: Final = f"{DOMAIN}_mood_change"
"""On Home Assistant's bus, for the logbook."""

ANSWER_WITHIN: Final = timedelta(seconds=5)
"""A device answers a command with its new settings or with a refusal; later than this it counts as deaf."""
INSTALLED_WITHIN: Final = timedelta(minutes=5)
"""To fetch, verify and try a network; a device tries a slow server again meanwhile."""
REFUSAL_WITHIN: Final = timedelta(seconds=0.5)
"""To speak is not answered unless it is refused, and that at once."""
MAX_FACE_BYTES: Final = 1_048_576
