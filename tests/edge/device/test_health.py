"""Health tells of the device what the system says, and never fails for a system that says nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from howsitgoing_edge.contract import Health
from howsitgoing_edge.device.health import Gauges, health
from howsitgoing_edge.device.thermal import Throttling, temperature, throttling


def _pi(folder: Path, *, millidegrees: str = "54321", throttled: str | None = "0") -> Path:
    """The files of a Raspberry Pi's kernel below ``folder``."""
    for number, (kind, temp) in enumerate([("gpu-thermal", "40000"), ("cpu-thermal", millidegrees)]):
        zone = folder / "class/thermal" / f"thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "type").write_text(f"{kind}\n")
        (zone / "temp").write_text(f"{temp}\n")
    if throttled is not None:
        firmware = folder / "devices/platform/soc/soc:firmware"
        firmware.mkdir(parents=True)
        (firmware / "get_throttled").write_text(f"{throttled}\n")
    return folder


def test_the_processors_own_sensor_is_read(tmp_path: Path) -> None:
    """Other zones are of the graphics, the battery, the radio."""
    assert temperature(_pi(tmp_path)) == 54.3


@pytest.mark.parametrize("content", ["", "N/A", "\x00"], ids=["empty", "words", "nul"])
def test_a_sensor_that_answers_nonsense_is_no_sensor(tmp_path: Path, content: str) -> None:
    """A zone that sleeps does."""
    assert temperature(_pi(tmp_path, millidegrees=content)) is None


def test_a_machine_that_tells_nothing_is_fine(tmp_path: Path) -> None:
    """Virtual machines have no sensors at all."""
    assert temperature(tmp_path) is None
    assert throttling(tmp_path) is None


THROTTLED = {
    "fine": ("0", Throttling((), ())),
    "now-and-before": ("50005", Throttling(("under-voltage", "throttled"), ("under-voltage", "throttled"))),
    "over": ("80000", Throttling((), ("too warm",))),
}


@pytest.mark.parametrize(("bits", "meaning"), THROTTLED.values(), ids=THROTTLED.keys())
def test_a_pi_says_why_it_holds_itself_back(tmp_path: Path, bits: str, meaning: Throttling) -> None:
    """A weak power supply is the commonest cause of a slow Pi, and invisible otherwise."""
    assert throttling(_pi(tmp_path, throttled=bits)) == meaning


def test_health_can_be_read_back_by_the_contract(tmp_path: Path) -> None:
    """What the device publishes, Home Assistant must accept."""
    gauges = Gauges(fps=9.8, stages_ms={"detect": 6.1}, latency_ms=(512.0, 900.0), camera="ok", detector="yunet")
    told = health(gauges, started=time.monotonic() - 60, folder=tmp_path, sys=_pi(tmp_path / "sys"))
    assert Health.from_json(told.to_json()) == told
    assert told.uptime_s == pytest.approx(60, abs=1)
    assert (told.temperature_c, told.throttled, told.latency_p95_ms) == (54.3, False, 900.0)
    assert told.memory_mb is not None
    assert told.memory_mb > 1


def test_what_troubles_the_device_is_told_in_sentences(tmp_path: Path) -> None:
    """The household reads them in Home Assistant; the parts' own complaints come first."""
    hot = _pi(tmp_path / "hot", millidegrees="85000", throttled=None)
    told = health(Gauges(problems=("the camera is unplugged",)), started=0, folder=tmp_path, sys=hot)
    assert told.problems[:2] == ("the camera is unplugged", "the processor is at 85 °C")
    weak = _pi(tmp_path / "weak", throttled="1")
    assert "the processor holds itself back: under-voltage" in health(Gauges(), started=0, folder=tmp_path, sys=weak).problems


def test_a_folder_that_is_gone_leaves_the_rest_of_health_standing(tmp_path: Path) -> None:
    """A card may be pulled out at any moment."""
    told = health(Gauges(), started=0, folder=tmp_path / "gone", sys=tmp_path)
    assert told.disk_free_mb is None
