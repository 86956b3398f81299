"""The Pi camera. picamera2 only runs on a Pi, so a stand-in with the calls that we use takes its place."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.settings import CameraSettings


class Request:
    """A completed request, which holds one of the camera's few buffers until it is released."""

    def __init__(self, camera: Picamera2) -> None:
        camera.buffers_out += 1
        self.camera = camera

    def make_array(self, stream: str) -> np.ndarray[Any, Any]:
        assert stream == "main"
        width, height = self.camera.configuration["main"]["size"]
        return np.full((height, width, 3), (1, 2, 3), np.uint8)

    def release(self) -> None:
        self.camera.buffers_out -= 1


class Picamera2:
    """What the manual says of it."""

    attached: ClassVar[list[dict[str, Any]]] = []
    newest: ClassVar[Picamera2]
    hangs = False

    def __init__(self, number: int) -> None:
        self.number, self.buffers_out, self.running, self.closed = number, 0, False, False
        Picamera2.newest = self

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return Picamera2.attached

    def create_video_configuration(self, **wishes: Any) -> dict[str, Any]:  # noqa: ANN401  as in picamera2
        return wishes

    def configure(self, configuration: dict[str, Any]) -> None:
        self.configuration = configuration

    def start(self) -> None:
        self.running = True

    def capture_request(self, wait: float) -> Request:
        assert self.running
        assert self.buffers_out == 0, "a held buffer starves the camera"
        if self.hangs:
            raise TimeoutError(f"no frame in {wait} s")
        return Request(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def picamera2(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("picamera2")
    module.Picamera2 = Picamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    monkeypatch.setattr(Picamera2, "attached", [{"Id": "/base/soc/usb@1/cam"}, {"Id": "/base/soc/i2c0mux/imx708@1a"}])


def test_a_pi_without_picamera2_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot come from the package index, so the message is the only help."""
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceError, match="sudo apt install -y python3-picamera2"):
        open_source(CameraSettings(source="picamera"), Pace.REALTIME)


def test_the_pi_camera_gives_frames_and_its_buffers_back() -> None:
    """It has few buffers; one kept too long and it stands still."""
    source = open_source(CameraSettings(source="picamera", width=320, height=240, rotate=90), Pace.REALTIME)
    assert (source.live, source.can_freeze) == (True, True)
    for number in range(3):
        frame = source.read()
        assert frame is not None
        assert frame.number == number
        assert frame.image.shape == (320, 240, 3)
        assert (frame.image[0, 0] == (1, 2, 3)).all()
    source.close()
    assert Picamera2.newest.number == 1, "the webcam that libcamera lists as well is passed over"
    assert (Picamera2.newest.buffers_out, Picamera2.newest.closed) == (0, True)


def test_a_pi_camera_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loose ribbon cable shows as silence."""
    source = open_source(CameraSettings(source="picamera"), Pace.REALTIME)
    monkeypatch.setattr(Picamera2, "hangs", True)
    with pytest.raises(CameraError, match="ribbon cable"):
        source.read()


def test_a_pi_without_a_camera_may_get_one() -> None:
    """Slot 1 is empty here."""
    with pytest.raises(CameraError, match="no Pi camera 1"):
        open_source(CameraSettings(source="picamera:1"), Pace.REALTIME)
