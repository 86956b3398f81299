"""Writes the copies of the event contract and its JSON Schema; ``--check`` only compares, and fails on drift."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from howsitgoing_edge import contract

HOME = Path(__file__).resolve().parent.parent
ORIGINAL = Path("edge/howsitgoing_edge/contract.py")
COPIES = (Path("cloud/howsitgoing_cloud/_contract.py"), Path("homeassistant/custom_components/howsitgoing/_contract.py"))
"""Written only where their folder exists: each part can be checked out and shipped without the others."""
SCHEMA = Path("docs/contract.schema.json")


def wanted(home: Path) -> dict[Path, bytes]:
    """Every generated file below ``home`` and what must be in it."""
    original = (home / ORIGINAL).read_bytes()
    schema = json.dumps(contract.json_schema(), indent=2, ensure_ascii=False) + "\n"
    copies = {home / copy: original for copy in COPIES if (home / copy).parent.is_dir()}
    return {**copies, home / SCHEMA: schema.encode()}


def drifted(home: Path) -> list[Path]:
    """The generated files that are missing or differ, relative to ``home``."""
    return [
        path.relative_to(home) for path, content in wanted(home).items() if not path.is_file() or path.read_bytes() != content
    ]


def write(home: Path) -> list[Path]:
    """Bring the generated files up to date; those that had drifted, relative to ``home``."""
    stale = drifted(home)
    contents = wanted(home)
    for path in stale:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(contents[home / path])
    return stale


def main(arguments: list[str] | None = None) -> int:
    """0: up to date, or written; 1: ``--check`` found drift."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a copy or the schema is out of date")
    parser.add_argument("--home", type=Path, default=HOME, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.check:
        for path in write(options.home):
            print(f"wrote {path}")
        return 0
    stale = drifted(options.home)
    for path in stale:
        print(f"{path} is not what edge/howsitgoing_edge/contract.py says: run 'make contract'", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
