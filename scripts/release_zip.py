"""Builds ``dist/howsitgoing.zip``: the Home Assistant component as HACS installs it, its files at the top of the archive."""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
COMPONENT = Path("homeassistant/custom_components/howsitgoing")
LEFT_OUT = {".svg", ".pyc"}
"""Sources of pictures, and what Python leaves behind"""
ALWAYS = (2020, 1, 1, 0, 0, 0)
"""One time for all files: the same files give the same archive, whoever builds it."""


def files(home: Path) -> list[Path]:
    """What belongs into the archive, in its order."""
    found = (file for file in (home / COMPONENT).rglob("*") if file.is_file() and file.suffix not in LEFT_OUT)
    return sorted(file for file in found if "__pycache__" not in file.parts)


def build(home: Path, target: Path) -> Path:
    """Write the archive; ``target`` itself."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in [*files(home), home / "LICENSE"]:
            name = file.relative_to(home / COMPONENT) if file.is_relative_to(home / COMPONENT) else Path(file.name)
            entry = zipfile.ZipInfo(name.as_posix(), ALWAYS)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def main() -> None:
    """Build it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HOME / "dist" / json.loads((HOME / "hacs.json").read_text())["filename"])
    given = parser.parse_args()
    built = build(HOME, given.to)
    version = json.loads((HOME / COMPONENT / "manifest.json").read_text())["version"]
    print(f"{built}: version {version}, {built.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
