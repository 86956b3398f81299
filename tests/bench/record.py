"""``python -m tests.bench.record``: writes the score traces that tests/edge/core replays, by the released network.

To be run again when the network, the detector, or what is measured in a crop changes; then the test says what is different.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.traces import Span

from howsitgoing_edge.camera.sources import Pace, open_source
from howsitgoing_edge.settings import CameraSettings

from .clips import Clip, DemoMaker, maker
from .live import REAL_TALKER
from .news import FPS, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from howsitgoing_edge.core.types import Pixels

TRACES: Final = Path(__file__).resolve().parents[1] / "edge" / "core" / "traces"
SECONDS: Final = 20.0
SLOW: Final = 3.0
"""Frames a second of a small or a busy machine"""


def clips() -> Iterator[tuple[str, Clip]]:
    """File name and clip: none of those that the benchmark shows or that rules were chosen by."""
    make = maker()
    yield "demo", DemoMaker().changes(0, 0, 15.0)
    for number in range(1, 5):
        yield f"changes-{number}", make.changes(500 + number, SECONDS, FPS)
        yield f"steady-{number}", make.steady(500 + number, SECONDS, FPS)
        if (talking := make.talking(500 + number, SECONDS, FPS)) is not None:
            yield f"talking-{number}", talking
        if (talking := make.talking(510 + number, SECONDS, SLOW)) is not None:
            yield f"slow-talking-{number}", talking
    if REAL_TALKER.is_file():
        yield "rapper", _real_talker()


def _real_talker() -> Clip:
    """A man who raps and frowns, every third frame; nobody has said what he shows, so it counts as neutral talk."""
    source = open_source(CameraSettings(source=str(REAL_TALKER)), Pace.FAST)
    shown = []
    while (frame := source.read()) is not None:
        shown.append(frame)
    source.close()
    fps = (len(shown) - 1) / (shown[-1].time - shown[0].time) / 3
    pictures: list[Pixels] = [frame.image for frame in shown[::3]]
    return Clip("talking", (Span(0.0, len(pictures) / fps, "neutral"),), pictures, fps)


def main() -> None:
    """Write all of them."""
    TRACES.mkdir(exist_ok=True)
    for name, clip in clips():
        record(clip).save(TRACES / f"{name}.npz")


if __name__ == "__main__":
    main()
