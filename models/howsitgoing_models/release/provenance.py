"""Where a model comes from: data, parameters, revision, versions."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from howsitgoing_models.data.faces import Splits
from howsitgoing_models.parameters import Parameters

_PACKAGES: Final = ("howsitgoing", "keras", "tensorflow-cpu", "tensorflow", "ai-edge-litert", "numpy", "opencv-python-headless")

_MANIFEST: Final = "manifest.json"


def provenance(data: Sequence[Path], splits: Splits, parameters: Parameters) -> dict[str, Any]:
    """What model.json says about a model's origin; a file's place on the disk is not in it."""
    return {
        "data": {
            "sources": [{"name": path.name, "sha256": _digest(path)} for path in data],
            "images_learnt_from": len(splits.train),
            "images_for_choices": len(splits.choose),
            "twins_dropped": splits.dropped_twins,
            "near_twins_dropped": splits.dropped_near_twins,
        },
        "parameters": parameters.model_dump(mode="json"),
        "revision": revision(),
        "date": datetime.now(UTC).date().isoformat(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _digest(path: Path) -> str | None:
    """Of a file, or of an export's manifest, which holds the hashes of all its files."""
    meant = path / _MANIFEST if path.is_dir() else path
    if not meant.is_file():
        return None
    with meant.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def revision() -> str | None:
    """The commit of the checkout that this file is in; None where it is installed from a wheel."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603  a fixed command
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
