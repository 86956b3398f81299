"""Network cameras, against a real one of our own on the loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest
from support.films import number_in
from support.mjpeg import MjpegCamera
from support.waiting import until

from howsitgoing_edge.camera import network
from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.core.ports import FrameSource
from howsitgoing_edge.errors import CameraError, SourceError
from howsitgoing_edge.settings import CameraSettings

HIDDEN = "s3cret"


def opened(address: str, silent_after: float = 4) -> FrameSource:
    return open_source(CameraSettings(source=address, silent_after=silent_after), Pace.REALTIME)


def test_frames_of_a_stream_arrive_in_order_and_at_once() -> None:
    """Their time is the moment they arrive, since a stream carries none."""
    with MjpegCamera(fps=20) as camera:
        source = opened(camera.address)
        assert (source.live, source.can_freeze) == (True, True)
        assert source.description == f"network camera {camera.address}, 320x240"
        numbers = []
        for _ in range(10):
            frame = source.read()
            assert frame is not None
            assert 0 <= time.monotonic() - frame.time < 0.1
            numbers.append(number_in(frame.image))
        assert numbers == list(range(numbers[0], numbers[0] + 10))
        assert camera.sent - numbers[-1] <= 1
        source.close()


def test_closing_lets_go_of_the_camera_at_once() -> None:
    """Switched off means switched off, and the camera can see it."""
    with MjpegCamera() as camera:
        source = opened(camera.address)
        source.read()
        assert camera.viewers == 1
        source.close()
        until(lambda: camera.viewers == 0, within=1)


@pytest.mark.parametrize("mode", ["stalled", "cut"])
def test_a_stream_that_stops_is_an_error_within_the_limit(mode: str) -> None:
    """Neither a hung nor an ended connection may hold the reader for ever."""
    with MjpegCamera() as camera:
        source = opened(camera.address, silent_after=1)
        source.read()
        camera.mode = mode
        begun = time.monotonic()
        with pytest.raises(CameraError, match="stopped giving pictures"):
            list(iter(source.grab, None))
        assert time.monotonic() - begun < 3
        source.close()


def test_a_stream_with_a_password_is_read_and_never_shows_it() -> None:
    """Descriptions go to logs, health and screenshots."""
    with MjpegCamera(password=HIDDEN) as camera:
        source = opened(camera.address.replace("//", "//cam:s3cret@") + "?key=s3cret")
        assert source.read() is not None
        assert "s3cret" not in source.description
        source.close()


@pytest.mark.parametrize("user", ["", "cam:wr0ng@", "someone:s3cret@"], ids=["none", "wrong-password", "wrong-user"])
def test_a_refused_password_is_for_a_person_to_put_right(user: str) -> None:
    """Trying it again and again locks many a camera."""
    with (
        MjpegCamera(password=HIDDEN) as camera,
        pytest.raises(SourceError, match="wants a user name and password") as refused,
    ):
        opened(camera.address.replace("//", f"//{user}"))
    assert "wr0ng" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_wrong_path_is_named() -> None:
    """The camera is there; its manual knows the path."""
    with MjpegCamera() as camera, pytest.raises(CameraError, match="nothing at this path"):
        opened(camera.address + "x")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_camera_that_is_switched_off_is_said_to_be(scheme: str) -> None:
    """It may be switched on later."""
    with pytest.raises(CameraError, match="refuses connections; is it switched on, and port"):
        opened(f"{scheme}://me:s3cret@127.0.0.1:{_free_port()}/stream")


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "rtsps"])
def test_a_camera_that_accepts_and_says_nothing_is_given_up_in_time(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-dead cameras do just that."""
    monkeypatch.setattr(network, "OPEN_WITHIN", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(CameraError, match=r"does not answer|answers, but gives no pictures") as failed:
            opened(f"{scheme}://me:s3cret@127.0.0.1:{silent.getsockname()[1]}/stream?token=s3cret")
        assert time.monotonic() - begun < 4
    assert "s3cret" not in str(failed.value)


def test_what_goes_wrong_leaves_stderr_to_us() -> None:
    """OpenCV and ffmpeg would print a dozen lines, some with the password in them."""
    script = """
import sys
from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.errors import EdgeError
from howsitgoing_edge.settings import CameraSettings
for source in sys.argv[1:]:
    try:
        open_source(CameraSettings(source=source), Pace.FAST)
    except EdgeError as error:
        print(error)
"""
    sources = [
        f"http://me:s3cret@127.0.0.1:{_free_port()}/x",
        f"rtsp://me:s3cret@127.0.0.1:{_free_port()}/x",
        "/dev/null",
        __file__,
    ]
    done = subprocess.run([sys.executable, "-c", script, *sources], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == len(sources)
    assert "s3cret" not in done.stdout
