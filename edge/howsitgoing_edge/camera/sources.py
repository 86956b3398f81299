"""Which source a person means, and opening it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2

from howsitgoing_edge.camera.clip import Clip, Pace, Player
from howsitgoing_edge.camera.demo import demo_clip
from howsitgoing_edge.camera.network import PORTS, check_address, open_network_camera
from howsitgoing_edge.camera.pi import open_pi_camera
from howsitgoing_edge.camera.pictures import FolderClip, HeldPicture
from howsitgoing_edge.camera.quiet import quieten
from howsitgoing_edge.camera.video import VideoClip
from howsitgoing_edge.camera.webcam import open_any_webcam, open_webcam
from howsitgoing_edge.core.ports import FrameSource
from howsitgoing_edge.errors import CameraError, EdgeError, SourceError
from howsitgoing_edge.settings import CameraSettings

__all__ = ["Choice", "Kind", "Pace", "SourceOpener", "open_source", "parse_source"]

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What a source can be."""

    AUTO = "auto"
    WEBCAM = "webcam"
    PI = "picamera"
    FILE = "file"
    NETWORK = "network"
    DEMO = "demo"


@dataclass(frozen=True)
class Choice:
    """A source as a person named it."""

    kind: Kind
    place: str = ""
    """Device file, slot number, path or address"""


def parse_source(text: str) -> Choice:
    """What ``text`` (the setting ``camera.source``) means; whether it is there is seen when it is opened.

    Raises:
        SourceError: an address that no camera can have.
    """
    text = text.strip()
    if text.lower() in {Kind.AUTO, Kind.DEMO}:
        return Choice(Kind(text.lower()))
    if slot := re.fullmatch(r"picamera(?::(\d+))?", text, re.IGNORECASE):
        return Choice(Kind.PI, slot[1] or "0")
    if text.isdecimal():
        return Choice(Kind.WEBCAM, f"/dev/video{int(text)}")
    if text.startswith("/dev/"):
        return Choice(Kind.WEBCAM, text)
    if re.match(rf"[a-z][a-z0-9+.-]*://|({'|'.join(PORTS)}):", text, re.IGNORECASE):
        check_address(text)
        return Choice(Kind.NETWORK, text)
    return Choice(Kind.FILE, text)


class SourceOpener:
    """Opens the configured source, again and again; once ``auto`` found a camera it no longer falls back to the demo clip."""

    def __init__(self, settings: CameraSettings, pace: Pace, *, repeat: bool = False) -> None:
        """Opens nothing yet. ``repeat``: clips begin anew at their end.

        Raises:
            SourceError: as `parse_source`.
        """
        self._settings = settings
        self._choice = parse_source(settings.source)
        self._pace = pace
        self._repeat = repeat
        self._camera_seen = False

    def __call__(self) -> FrameSource:
        """The source, open and giving frames. May take some seconds.

        Raises:
            CameraError: it cannot be had just now.
            SourceError: it can never be had.
        """
        quieten()
        match self._choice.kind:
            case Kind.AUTO:
                return self._first_camera_or_demo()
            case Kind.WEBCAM:
                return open_webcam(Path(self._choice.place), self._settings)
            case Kind.PI:
                return open_pi_camera(int(self._choice.place), self._settings)
            case Kind.NETWORK:
                return open_network_camera(self._choice.place, self._settings)
            case Kind.FILE:
                return self._play(_open_file(Path(self._choice.place).expanduser(), self._settings))
            case Kind.DEMO:
                return self._play(demo_clip())

    def _play(self, clip: Clip) -> Player:
        return Player(clip, self._pace, repeat=self._repeat)

    def _first_camera_or_demo(self) -> FrameSource:
        try:
            camera = _any_camera(self._settings)
        except CameraError as error:
            if self._camera_seen:
                raise
            log.info("no camera, so the demo clip plays: %s", error)
            clip = demo_clip()
            clip.description += f" ({error})"
            return self._play(clip)
        self._camera_seen = True
        return camera


def open_source(settings: CameraSettings, pace: Pace, *, repeat: bool = False) -> FrameSource:
    """The configured source, once: see `SourceOpener`.

    Raises:
        CameraError: it cannot be had just now.
        SourceError: it can never be had.
    """
    return SourceOpener(settings, pace, repeat=repeat)()


def _any_camera(settings: CameraSettings) -> FrameSource:
    try:
        return open_any_webcam(settings)
    except CameraError as no_webcam:
        try:
            return open_pi_camera(0, settings)
        except EdgeError as no_pi_camera:
            log.debug("%s", no_pi_camera)
            raise no_webcam from None


def _open_file(path: Path, settings: CameraSettings) -> Clip:
    try:
        if path.is_dir():
            return FolderClip(path, settings.fps, settings.rotate)
        if not path.is_file():
            raise SourceError(f"{path}: no such file")
        if not path.stat().st_size:
            raise SourceError(f"{path} is empty")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix.lower() != ".gif" and cv2.haveImageReader(str(path)):
        return HeldPicture(path, settings.fps, settings.rotate)
    return VideoClip(path, settings.rotate)
