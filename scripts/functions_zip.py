"""Builds ``dist/functions.zip``: what Terraform gives to Google Cloud, the entry points at its top."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import archives

HOME = Path(__file__).resolve().parent.parent
PACKAGE = "howsitgoing_cloud"


def files(home: Path) -> list[tuple[str, Path]]:
    """What belongs into the archive, in its order: name in it, and file."""
    cloud = home / "cloud"
    code = sorted(file for file in (cloud / PACKAGE).rglob("*") if file.suffix in {".py", ".typed"})
    inside = [cloud / "main.py", cloud / "requirements.txt", *code]
    return [*((file.relative_to(cloud).as_posix(), file) for file in inside), ("LICENSE", home / "LICENSE")]


def main() -> None:
    """Build it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HOME / "dist/functions.zip")
    given = parser.parse_args()
    built = archives.write(given.to, files(HOME))
    content = built.read_bytes()
    print(f"{built}: {len(content) / 1024:.0f} KiB, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
