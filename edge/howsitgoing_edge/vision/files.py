"""List, verify and fetch the model files of others: what ``howsitgoing models`` does."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from howsitgoing_edge.errors import ModelError, StorageError
from howsitgoing_edge.vision.fetch import Progress, copy, download
from howsitgoing_edge.vision.known_files import MODEL_FILES, ModelFile, checked, known, read
from howsitgoing_edge.vision.store import folder_to_write, folders

MIRROR: Final = "HOWSITGOING_MODEL_MIRROR"
"""Environment: a folder or an address where the files lie, instead of their publishers."""
TIMEOUT: Final = 60.0
_TRY_AGAIN_AFTER: Final = 86_400.0


def _quiet(_done: int, _all: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class ModelStatus:
    """How it stands with a file on this machine."""

    file: ModelFile
    path: Path
    """Where it is, or would be"""
    state: Literal["ok", "missing", "broken"]
    detail: str
    """One sentence for people"""


def where(file: ModelFile) -> Path:
    """Where ``file`` lies on this machine, or would lie if it were here."""
    places = [folder / file.filename for folder in folders()]
    return next((path for path in places if path.exists()), places[0])


def list_models() -> list[ModelStatus]:
    """All files and how it stands with them."""
    return [verify(name) for name in MODEL_FILES]


def verify(name: str) -> ModelStatus:
    """Read the file and compare its hash.

    Raises:
        ModelError: no file is called ``name``.
    """
    file = known(name)
    path = where(file)
    if not path.exists():
        return ModelStatus(
            file, path, "missing", f"not here: 'howsitgoing models pull {name}' fetches it ({file.size // 1000} kB)"
        )
    try:
        read(file, path)
    except ModelError as error:
        return ModelStatus(file, path, "broken", f"{error}: 'howsitgoing models pull {name}' fetches it anew")
    return ModelStatus(file, path, "ok", f"{file.size} bytes, sha256 as published")


def pull(name: str, timeout: float = TIMEOUT, progress: Progress = _quiet) -> Path:
    """Fetch a file from the mirror, where one is set, else from its publisher; nothing to do if the right one is here.

    Args:
        name: of `MODEL_FILES`.
        timeout: seconds for all of it.
        progress: told (bytes so far, bytes in all).

    Returns:
        Where it lies. It appears there complete and verified, or not at all.

    Raises:
        TransientError: the source cannot be reached, or not within ``timeout``.
        StorageError: it cannot be written.
        ModelError: no such name, or the source has something else than the file that was meant.
    """
    status = verify(name)
    if status.state == "ok":
        return status.path
    file = known(name)
    content, origin = _fetch(file, timeout, progress)
    folder = folder_to_write()
    path = folder / file.filename
    _write(path, checked(file, content, origin))
    return path


def pull_once(
    name: str, timeout: float, progress: Progress = lambda _done, _all: None, *, now: float | None = None
) -> Path | None:
    """As `pull`, for a start that must not wait for the network each time: at most one try a day.

    Returns:
        Where the file lies, or None where a try within the last day has failed.

    Raises:
        As `pull`; the try is remembered.
    """
    status, now = verify(name), time.time() if now is None else now
    if status.state == "ok":
        return status.path
    marker = folder_to_write() / f".{name}.tried"
    # A mark from the future is one of a clock that was wrong, as a Pi's is until the network has set it.
    if marker.exists() and 0 <= now - marker.stat().st_mtime < _TRY_AGAIN_AFTER:
        return None
    with contextlib.suppress(OSError):  # without the mark the next start tries again: no harm
        marker.touch()
        os.utime(marker, (now, now))
    return pull(name, timeout, progress)


def _fetch(file: ModelFile, timeout: float, progress: Progress) -> tuple[bytes, str]:
    mirror = os.environ.get(MIRROR, "").strip()
    if not mirror:
        return download(file.url, most=file.size, timeout=timeout, progress=progress), file.url
    parts = urlsplit(mirror)
    if parts.scheme in ("http", "https"):
        url = f"{mirror.rstrip('/')}/{file.filename}"
        # A mirror is somebody's own choice and may be the machine next door: the hash guards the content.
        return download(url, most=file.size, timeout=timeout, progress=progress, secure=False), url
    folder = Path(url2pathname(parts.path)) if parts.scheme == "file" else Path(mirror).expanduser()
    path = folder / file.filename
    return copy(path, file.size), str(path)


def _write(path: Path, content: bytes) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as aside:
            try:
                aside.write(content)
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).chmod(0o644)
                Path(aside.name).replace(path)
            except OSError:
                Path(aside.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror or error})") from error
