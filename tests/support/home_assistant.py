"""A device as Home Assistant meets it: messages of the contract, built by the component's own copy."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from custom_components.howsitgoing._contract import (
    EMOTIONS,
    Health,
    Info,
    Model,
    Mood,
    MoodChange,
    Refusal,
    Settings,
    Topic,
    positivity,
    to_rfc3339,
    topic,
)
from custom_components.howsitgoing.const import CONF_DEVICE_ID, CONF_INFO, DOMAIN
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

DEVICE = "hat-1"
NAME = "Anna's hat"
NOON = 1_769_860_800.0
"""2026-01-31T12:00:00Z"""

INFO = Info(
    device_id=DEVICE,
    name=NAME,
    sw_version="0.1.0",
    model=Model("emotion-1", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    features=("speech", "face_image", "model_update"),
    configuration_url="http://192.0.2.7:8080/",
    model_available="emotion-2",
)
SETTINGS = Settings()
HEALTH = Health(
    at=to_rfc3339(NOON),
    uptime_s=3600,
    fps=9.84,
    stages_ms={"detect": 5.1, "classify": 1.9},
    latency_p50_ms=310,
    latency_p95_ms=540.5,
    queues={"mqtt": 1, "speech": 2},
    dropped={"frames": 12, "mqtt": 1},
    camera="ok",
    speaker="ok",
    uplink="off",
    detector="yunet",
    temperature_c=51.5,
    throttled=False,
    disk_free_mb=10240.5,
    memory_mb=143,
)
JPEG = b"\xff\xd8\xff\xe0 a small picture \xff\xd9"


def mood(emotion: str, confidence: float = 0.9, faces: int = 1, since: float = NOON) -> Mood:
    """How the face in front looks; the rest of the belief is on neutral."""
    rest = "neutral" if emotion != "neutral" else "sad"
    scores = dict.fromkeys(EMOTIONS, 0.0) | {rest: round(1 - confidence, 3)} | {emotion: confidence}
    if emotion == "none":
        scores, faces = {}, 0
    elif emotion == "unsure":
        scores = dict.fromkeys(EMOTIONS, round(1 / 7, 3))
    return Mood(emotion, confidence, scores, positivity(scores), faces, to_rfc3339(since), to_rfc3339(since + 1))


def change(emotion: str, previous: str = "neutral", confidence: float = 0.9, at: float = NOON) -> MoodChange:
    """News, with an id of its own."""
    number = uuid.uuid4().hex
    made_up = f"{number[:8]}-{number[8:12]}-7{number[13:16]}-8{number[17:20]}-{number[20:]}"
    scores = mood(emotion, confidence).scores
    return MoodChange(made_up, previous, emotion, confidence, scores, to_rfc3339(at), to_rfc3339(at + 0.3), 1, INFO.model)


def refusal(command: str, reason: str) -> Refusal:
    """The device does not want to."""
    return Refusal(command, reason, to_rfc3339(NOON))


def config_entry(info: Info = INFO) -> MockConfigEntry:
    """A device that has been set up."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=info.name,
        unique_id=info.device_id,
        data={CONF_DEVICE_ID: info.device_id, CONF_INFO: json.loads(info.to_json())},
    )


def deliver(hass: HomeAssistant, kind: Topic, payload: Any, device: str = DEVICE, *, retain: bool = False) -> None:  # noqa: ANN401
    """A device publishes."""
    text = payload.to_json() if hasattr(payload, "to_json") else payload
    async_fire_mqtt_message(hass, topic(device, kind), text, retain=retain)


async def send(hass: HomeAssistant, kind: Topic, payload: Any, device: str = DEVICE, *, retain: bool = False) -> None:  # noqa: ANN401
    """A device publishes; done when Home Assistant has nothing left to do."""
    deliver(hass, kind, payload, device, retain=retain)
    await hass.async_block_till_done()


async def come_online(hass: HomeAssistant, info: Info = INFO, settings: Settings = SETTINGS) -> None:
    """All that a device publishes when it starts; the broker marks nothing as retained for a listener that is there."""
    await send(hass, Topic.INFO, info, info.device_id)
    await send(hass, Topic.SETTINGS, settings, info.device_id)
    await send(hass, Topic.HEALTH, HEALTH, info.device_id)
    await send(hass, Topic.AVAILABILITY, "online", info.device_id)
