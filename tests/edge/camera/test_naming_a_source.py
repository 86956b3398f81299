"""What a person may write as the camera's source."""

from __future__ import annotations

import pytest

from howsitgoing_edge.camera.network import shown
from howsitgoing_edge.camera.sources import Choice, Kind, parse_source
from howsitgoing_edge.errors import SourceError


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("auto", Choice(Kind.AUTO)),
        ("Demo", Choice(Kind.DEMO)),
        ("0", Choice(Kind.WEBCAM, "/dev/video0")),
        (" 12 ", Choice(Kind.WEBCAM, "/dev/video12")),
        ("/dev/video2", Choice(Kind.WEBCAM, "/dev/video2")),
        ("/dev/v4l/by-id/usb-cam", Choice(Kind.WEBCAM, "/dev/v4l/by-id/usb-cam")),
        ("picamera", Choice(Kind.PI, "0")),
        ("picamera:1", Choice(Kind.PI, "1")),
        ("http://cam.local/stream", Choice(Kind.NETWORK, "http://cam.local/stream")),
        ("rtsp://u:p@10.0.0.5:554/live", Choice(Kind.NETWORK, "rtsp://u:p@10.0.0.5:554/live")),
        ("clip.mp4", Choice(Kind.FILE, "clip.mp4")),
        ("~/a folder", Choice(Kind.FILE, "~/a folder")),
        ("demo.mp4", Choice(Kind.FILE, "demo.mp4")),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_a_source_is_understood_as_people_write_it(text: str, choice: Choice) -> None:
    """The same word means the same in the file, the environment and on the command line."""
    assert parse_source(text) == choice


@pytest.mark.parametrize("text", ["ftp://cam/stream", "http://", "http:cam", "rtsp://cam:notaport/x", "http://[::1/x"])
def test_an_address_that_no_camera_can_have_is_refused(text: str) -> None:
    """Trying it again for ever would help nobody."""
    with pytest.raises(SourceError, match="http, https, rtsp, rtsps"):
        parse_source(text)


def test_what_may_be_secret_in_an_address_is_never_shown() -> None:
    """Addresses end up in logs, health messages and screenshots."""
    assert shown("rtsp://me:s3cret@cam:554/live?token=s3cret#s3cret") == "rtsp://cam:554/live"
    with pytest.raises(SourceError) as refused:
        parse_source("ftp://me:s3cret@cam/x")
    assert "s3cret" not in str(refused.value)
