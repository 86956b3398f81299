"""The Raspberry Pi's own camera, by picamera2, which comes from Raspberry Pi OS and is imported only when asked for."""

from __future__ import annotations

import time
from typing import Any

from howsitgoing_edge.camera.base import Source
from howsitgoing_edge.camera.picture import fit
from howsitgoing_edge.core.types import Frame
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.settings import CameraSettings

_INSTALL = (
    "the Pi camera needs picamera2: sudo apt install -y python3-picamera2 --no-install-recommends, "
    "and a virtual environment that sees it (include-system-site-packages = true in .venv/pyvenv.cfg)"
)
_UPGRADE = "install simplejpeg 1.8 or later into the virtual environment"


class PiCamera(Source):
    """Frames of a started ``Picamera2``."""

    live = True
    can_freeze = True

    def __init__(self, camera: Any, settings: CameraSettings) -> None:  # noqa: ANN401  picamera2 has no types
        """Takes over ``camera``, which is started."""
        self._camera = camera
        self._patience = settings.silent_after
        self._rotate = settings.rotate
        self._request: Any = None
        self._time = 0.0
        self._number = -1
        self.description = f"Pi camera, {settings.width}x{settings.height}"

    def grab(self) -> float | None:
        """See `FrameSource.grab`."""
        self._release()
        try:
            self._request = self._camera.capture_request(wait=self._patience)
        except (TimeoutError, RuntimeError, OSError) as error:
            raise CameraError("the Pi camera stopped giving pictures; check its ribbon cable") from error
        self._time = time.monotonic()
        self._number += 1
        return self._time

    def retrieve(self) -> Frame | None:
        """See `FrameSource.retrieve`."""
        return Frame(fit(self._request.make_array("main"), self._rotate), self._time, self._number)

    def close(self) -> None:
        """See `FrameSource.close`."""
        self._release()
        self._camera.close()  # stops it, too

    def _release(self) -> None:
        if self._request is not None:
            self._request.release()
            self._request = None


def open_pi_camera(number: int, settings: CameraSettings) -> PiCamera:
    """The Pi camera in slot ``number``, giving frames.

    Raises:
        CameraError: none is attached, or another program uses it.
        SourceError: picamera2 is not installed.
    """
    try:
        from picamera2 import Picamera2  # heavy, and only on a Pi
    except ImportError as error:
        raise SourceError(_INSTALL) from error
    except ValueError as error:  # Bookworm's simplejpeg, which picamera2 imports, was compiled for numpy 1
        raise SourceError(f"picamera2 does not fit numpy here ({error}); {_UPGRADE}") from error
    # libcamera lists webcams as well; their names lead through a USB port.
    slots = [place for place, facts in enumerate(Picamera2.global_camera_info()) if "usb" not in str(facts.get("Id", ""))]
    if number >= len(slots):
        raise CameraError(f"no Pi camera {number}; check its ribbon cable (see: rpicam-hello --list-cameras)")
    try:
        camera = Picamera2(slots[number])
    except (RuntimeError, OSError) as error:
        raise CameraError("the Pi camera cannot be opened; another program may be using it") from error
    try:
        interval = round(1e6 / settings.fps)  # microseconds
        main = {"size": (settings.width, settings.height), "format": "RGB888"}  # libcamera's name for what OpenCV calls BGR
        controls = {"FrameDurationLimits": (interval, interval)}
        camera.configure(camera.create_video_configuration(main=main, controls=controls, queue=False))
        camera.start()
    except (RuntimeError, OSError, ValueError) as error:
        camera.close()
        raise CameraError(f"the Pi camera does not start: {error}") from error
    return PiCamera(camera, settings)
