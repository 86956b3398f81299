"""Whether the files that the settings name are there; those for the broker are read by `mqtt.access`."""

from __future__ import annotations

import os
from pathlib import Path

from howsitgoing_edge.configuration.load import Loaded


def missing_files(loaded: Loaded) -> list[str]:
    """One line for each file or folder that is named but cannot be read."""
    settings = loaded.settings
    named: dict[str, Path | None] = {
        "vision.yunet_file": settings.vision.yunet_file,
        "vision.model": settings.vision.model,
        "speech.voice_folder": settings.speech.voice_folder,
    }
    return [
        f"{loaded.origins.get(path, path)}: {path} names {file}, which {_trouble(file)}"
        for path, file in named.items()
        if file is not None and not os.access(file, os.R_OK)
    ]


def _trouble(file: Path) -> str:
    return "cannot be read" if file.exists() else "is not there"
