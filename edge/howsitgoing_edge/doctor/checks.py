"""The list of what is looked at, in the order of what a wearer would miss first."""

from __future__ import annotations

from collections.abc import Sequence

from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.device.folders import state_folder
from howsitgoing_edge.device.identity import device_id
from howsitgoing_edge.doctor.blynk import blynk
from howsitgoing_edge.doctor.broker import broker
from howsitgoing_edge.doctor.camera import camera
from howsitgoing_edge.doctor.cloud import cloud
from howsitgoing_edge.doctor.findings import Check
from howsitgoing_edge.doctor.machine import clock, disk, permissions, warmth
from howsitgoing_edge.doctor.sound import sound
from howsitgoing_edge.doctor.updates import updates
from howsitgoing_edge.doctor.vision import faces, model
from howsitgoing_edge.networks import folder_in_use
from howsitgoing_edge.settings import EdgeSettings


def checks(settings: EdgeSettings, *, play: bool) -> Sequence[Check]:
    """All checks; ``play``: the loudspeaker is to be heard."""
    seen: list[Frame] = []
    kept = state_folder(settings.device).path
    name = device_id(settings.device, kept)
    return (
        Check("camera", lambda: camera(settings.camera, seen.append), 25),
        Check("faces", lambda: faces(settings.vision, seen[-1] if seen else None)),
        Check("model", lambda: model(folder_in_use(settings, kept), settings.vision.threads)),
        Check("sound", lambda: sound(settings.speech, play=play)),
        Check("broker", lambda: broker(settings.mqtt, name)),
        Check("blynk", lambda: blynk(settings.blynk)),
        Check("cloud", lambda: cloud(settings.cloud, kept, name), 30),
        Check("updates", lambda: updates(settings, kept), 45),
        Check("disk", lambda: disk(settings.device)),
        Check("permissions", permissions),
        Check("warmth", warmth),
        Check("clock", clock),
    )
