"""How the device itself is doing, as the contract's Health."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from howsitgoing_edge.contract import Health, to_rfc3339
from howsitgoing_edge.device.thermal import SYS, temperature, throttling

LITTLE_DISK_MB = 200
HOT_C = 80
"""From here on a Raspberry Pi slows itself down."""


@dataclass(frozen=True)
class Gauges:
    """What the running agent knows of itself at one moment; the fields are those of the contract's Health."""

    fps: float = 0.0
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    latency_ms: tuple[float | None, float | None] = (None, None)
    """p50, p95"""
    queues: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    camera: str = "opening"
    speaker: str = "off"
    uplink: str = "off"
    detector: str = ""
    problems: tuple[str, ...] = ()
    """What the parts complain of, most important first"""
    link: Mapping[str, int] = field(default_factory=dict)


def health(gauges: Gauges, *, started: float, folder: Path, sys: Path = SYS) -> Health:
    """``gauges`` and what the system says.

    Args:
        gauges: the agent's own figures.
        started: monotonic seconds at which the agent began.
        folder: on the disk whose free space counts.
        sys: where the kernel's files are.
    """
    warm, held_back, free = temperature(sys), throttling(sys), _free_mb(folder)
    problems = list(gauges.problems)
    if held_back is not None and held_back.now:
        problems.append(f"the processor holds itself back: {', '.join(held_back.now)}")
    elif warm is not None and warm >= HOT_C:
        problems.append(f"the processor is at {warm:.0f} °C")
    if free is not None and free < LITTLE_DISK_MB:
        problems.append(f"the disk is nearly full: {free:.0f} MB left")
    return Health(
        at=to_rfc3339(time.time()),
        uptime_s=round(time.monotonic() - started, 1),
        fps=gauges.fps,
        stages_ms=dict(gauges.stages_ms),
        latency_p50_ms=gauges.latency_ms[0],
        latency_p95_ms=gauges.latency_ms[1],
        queues=dict(gauges.queues),
        dropped=dict(gauges.dropped),
        camera=gauges.camera,
        speaker=gauges.speaker,
        uplink=gauges.uplink,
        detector=gauges.detector,
        temperature_c=warm,
        throttled=None if held_back is None else bool(held_back.now),
        disk_free_mb=free,
        memory_mb=round(psutil.Process().memory_info().rss / 1e6, 1),
        problems=tuple(problems),
        link=dict(gauges.link),
    )


def _free_mb(folder: Path) -> float | None:
    try:
        return round(shutil.disk_usage(folder).free / 1e6, 1)
    except OSError:
        return None
