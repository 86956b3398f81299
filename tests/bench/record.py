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


def clips() -> Iterator[tuple[str, Clip]]:
    """File name and clip."""
    make = maker()
    yield "demo", DemoMaker().changes(0, 0, 15.0)
    yield "changes-1", make.changes(501, SECONDS, FPS)
    yield "changes-2", make.changes(502, SECONDS, FPS)
    for number in (1, 2):
        yield f"steady-{number}", make.steady(number, SECONDS, FPS)
    for number in (1, 2):
        if (talking := make.talking(number, SECONDS, FPS)) is not None:
            yield f"talking-{number}", talking
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
