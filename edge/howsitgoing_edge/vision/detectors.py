"""Which detector finds the faces."""

from __future__ import annotations

from dataclasses import dataclass

from howsitgoing_edge.core.ports import Detector
from howsitgoing_edge.errors import ModelError
from howsitgoing_edge.settings import VisionSettings
from howsitgoing_edge.vision.files import where
from howsitgoing_edge.vision.haar import Haar
from howsitgoing_edge.vision.known_files import YUNET, read
from howsitgoing_edge.vision.yunet import YuNet


@dataclass(frozen=True)
class ChosenDetector:
    """A detector, ready to use."""

    detector: Detector
    notice: str | None = None
    """One line for people: why it is not the better one, and how to get that"""


def choose_detector(settings: VisionSettings) -> ChosenDetector:
    """YuNet where its file is, else Haar and a notice, unless one of them is asked for by name.

    Raises:
        ModelError: the detector asked for by name cannot be had, or none at all.
    """
    if settings.detector == "haar":
        return ChosenDetector(Haar())
    path = settings.yunet_file or where(YUNET)
    try:
        return ChosenDetector(YuNet(read(YUNET, path)))
    except ModelError as error:
        reason = f"YuNet is not here ({path})" if not path.exists() else str(error)
        get_it = "'howsitgoing models pull yunet' fetches it"
        if settings.yunet_file is not None:
            get_it += ", if vision.yunet_file is left out"
        if settings.detector == "yunet":
            raise ModelError(f"{reason}; {get_it}") from error
        return ChosenDetector(Haar(), f"faces are found by Haar, which misses small and turned ones: {reason}; {get_it}")
