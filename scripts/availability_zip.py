"""Builds ``dist/availability.zip``: the one AWS Lambda, as Terraform gives it to AWS."""

from __future__ import annotations

import argparse
from pathlib import Path

import archives

HOME = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HOME / "dist/availability.zip")
    given = parser.parse_args()
    built = archives.write(given.to, [("availability.py", HOME / "terraform/aws/lambda/availability.py")])
    print(f"{built}: {built.stat().st_size} bytes")


if __name__ == "__main__":
    main()
