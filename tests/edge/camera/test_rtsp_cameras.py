"""RTSP, the way most cameras on the network are watched: sent by a real ffmpeg, read by ours."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

from support.films import number_in, write_film
from support.rtsp import rtsp_camera

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.settings import CameraSettings

if TYPE_CHECKING:
    from pathlib import Path


def test_an_rtsp_stream_is_read_at_its_own_pace(tmp_path: Path) -> None:
    """Real packets in a real session, credentials in the address kept out of sight."""
    with rtsp_camera(write_film(tmp_path / "film.mp4", 100, 20)) as address:
        source = open_source(CameraSettings(source=address.replace("//", "//me:s3cret@"), silent_after=2), Pace.REALTIME)
        assert source.description == f"network camera {address}, 320x240"
        numbers = []
        begun = time.monotonic()
        while time.monotonic() - begun < 1.5:
            frame = source.read()
            assert frame is not None
            numbers.append(number_in(frame.image))
        steps = [(later - earlier) % 100 for earlier, later in pairwise(numbers)]
        assert len(numbers) > 15
        assert set(steps) == {1}
        source.close()
