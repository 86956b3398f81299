"""Archives that anybody can build again: the same files give the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

ALWAYS = (2020, 1, 1, 0, 0, 0)
"""One time for all files: the same files give the same archive, whoever builds it."""


def write(target: Path, files: Iterable[tuple[str, Path]]) -> Path:
    """Write the archive of ``files``, each under its name in it; ``target`` itself."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files:
            entry = zipfile.ZipInfo(name, ALWAYS)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return target
