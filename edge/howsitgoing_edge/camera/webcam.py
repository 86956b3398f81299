"""A webcam on this machine, by V4L2."""

from __future__ import annotations

import errno
import grp
import os
import re
import stat
from pathlib import Path
from typing import Final

import cv2

from howsitgoing_edge.camera.opencv import OpenCvCamera
from howsitgoing_edge.errors import CameraError, EdgeError, SourceError
from howsitgoing_edge.settings import CameraSettings

_DEVICES: Final = Path("/dev")
_FACTS: Final = Path("/sys/class/video4linux")


def webcams(devices: Path = _DEVICES, facts: Path = _FACTS) -> list[Path]:
    """Device files that may be webcams, by number. Leaves out the Pi's decoders and its own camera's raw ends."""
    found = (path for path in devices.glob("video*") if re.fullmatch(r"video\d+", path.name))
    return sorted((path for path in found if not _built_in(facts / path.name)), key=lambda path: int(path.name[5:]))


def _built_in(facts: Path) -> bool:
    return (facts / "device" / "subsystem").resolve().name == "platform"


def open_webcam(device: Path, settings: CameraSettings) -> OpenCvCamera:
    """The webcam behind ``device``, giving frames.

    Raises:
        CameraError: it is not there, in use, or gives no picture.
        SourceError: it may not be opened, or is no camera.
    """
    _check(device)
    wishes = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]  # first: at 640x480 most can do 30 a second only so
    wishes += [cv2.CAP_PROP_FRAME_WIDTH, settings.width, cv2.CAP_PROP_FRAME_HEIGHT, settings.height]
    wishes += [cv2.CAP_PROP_FPS, round(settings.fps), cv2.CAP_PROP_BUFFERSIZE, 1]
    capture = cv2.VideoCapture(str(device), cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CameraError(f"{device} cannot be opened as a camera; another program may be using it (see: fuser -v {device})")
    for wish, value in zip(wishes[::2], wishes[1::2], strict=True):
        capture.set(wish, value)  # a camera that cannot do it gives what it has
    if not capture.grab():
        capture.release()
        raise CameraError(f"{device} gives no picture; unplug it and plug it in again")
    return OpenCvCamera(capture, f"webcam {device}", settings.rotate)


def open_any_webcam(settings: CameraSettings) -> OpenCvCamera:
    """The first webcam that gives a picture.

    Raises:
        CameraError: there is none, or none can be had; the message says why.
    """
    reasons = []
    for device in webcams():
        try:
            return open_webcam(device, settings)
        except EdgeError as error:
            reasons.append(str(error))
    raise CameraError("; ".join(reasons) or "no webcam found")


def _check(device: Path) -> None:
    """Find out why a device cannot be had; OpenCV only says that it cannot.

    Raises:
        CameraError, SourceError: as `open_webcam`.
    """
    try:
        if not stat.S_ISCHR(device.stat().st_mode):
            raise SourceError(f"{device} is no camera")
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            advice = f"sudo usermod -aG {_group(device)} $USER, then log in again"
            raise SourceError(f"permission denied on {device}; join its group: {advice}") from error
        if error.errno == errno.EBUSY:
            raise CameraError(f"{device} is in use by another program (see: fuser -v {device})") from error
        others = ", ".join(map(str, webcams()))
        advice = f"there is {others}" if others else "plug one in"
        raise CameraError(f"no camera at {device}; {advice}") from error


def _group(device: Path) -> str:
    try:
        return grp.getgrgid(device.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "video"
