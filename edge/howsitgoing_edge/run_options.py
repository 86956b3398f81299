"""How one run of the agent differs from the next; what stays the same is in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Pace = Literal["realtime", "fast"]


@dataclass(frozen=True)
class RunOptions:
    """The flags of ``howsitgoing run`` that are no settings."""

    until_end: bool = False
    """End with the clip, instead of showing it again and again; a camera has no end"""
    pace: Pace | None = None
    """For clips. realtime, and None: at the clip's own speed, frames are dropped as by a camera; fast: every frame, at once"""
    events: Path | Literal["-"] | None = None
    """A file that gets one contract event a line; ``-``: standard output, which then carries nothing else"""
    insisted: Mapping[str, object] = field(default_factory=dict)
    """Contract settings named by a flag: in force in this run, whatever was kept on the device, until somebody changes them"""
    live: bool = False
    """Show what is seen on the terminal, instead of log lines"""
