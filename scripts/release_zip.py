"""Builds ``dist/howsitgoing.zip``: the Home Assistant component as HACS installs it, its files at the top of the archive."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import archives

HOME = Path(__file__).resolve().parent.parent
COMPONENT = Path("homeassistant/custom_components/howsitgoing")
LEFT_OUT = {".svg", ".pyc"}
"""Sources of pictures, and what Python leaves behind"""


def files(home: Path) -> list[Path]:
    """What belongs into the archive, in its order."""
    found = (file for file in (home / COMPONENT).rglob("*") if file.is_file() and file.suffix not in LEFT_OUT)
    return sorted(file for file in found if "__pycache__" not in file.parts)


def build(home: Path, target: Path) -> Path:
    """Write the archive; ``target`` itself."""
    component = home / COMPONENT
    inside = [(file.relative_to(component).as_posix(), file) for file in files(home)]
    return archives.write(target, [*inside, ("LICENSE", home / "LICENSE")])


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
