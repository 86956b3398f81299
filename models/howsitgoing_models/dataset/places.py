"""Where an export lies: a folder here, or whatever Beam's file systems reach (gs://, s3://, hdfs://)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from howsitgoing_models.errors import DataError

_ASIDE: Final = ".part"
"""Ends the name of a file that is being written"""


@dataclass(frozen=True)
class Place:
    """A folder; names in it have ``/`` between their parts."""

    root: str

    @property
    def remote(self) -> bool:
        """Not on a disk of this machine; there, a file is complete when it is closed, and cannot be renamed."""
        return "://" in self.root

    def path(self, name: str) -> str:
        """Of a file in it."""
        return f"{self.root.rstrip('/')}/{name}"

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        if not self.remote:
            return Path(self.path(name)).exists()
        return bool(_systems().exists(self.path(name)))

    def names(self, folder: str, suffix: str) -> list[str]:
        """The files directly in ``folder`` that end so, sorted."""
        if not self.remote:
            found = [str(path) for path in Path(self.path(folder)).glob(f"*{suffix}")]
        else:
            found = [str(item.path) for item in _systems().match([self.path(f"{folder}/*{suffix}")])[0].metadata_list]
        return sorted(f"{folder}/{path.rsplit('/', 1)[-1]}" for path in found)

    def tidy(self) -> None:
        """Remove what a `write` that was killed left behind; nobody else may be writing here meanwhile."""
        if self.remote:
            return
        for path in Path(self.root).rglob(f".*{_ASIDE}"):
            with explained(path):
                path.unlink(missing_ok=True)

    @contextmanager
    def write(self, name: str, *, durable: bool = True) -> Iterator[BinaryIO]:
        """A file that is there, whole, when the block ends without an error, and not at all before.

        Args:
            name: of the file.
            durable: also after a power cut; without it, only after the end of this process, however it comes.

        Raises:
            DataError: the disk is full, or the folder may not be written to.
        """
        if self.remote:
            with _systems().create(self.path(name)) as file:
                yield file
            return
        path = Path(self.path(name))
        aside = path.with_name(f".{path.name}.{os.getpid()}{_ASIDE}")
        with explained(path):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with aside.open("wb") as file:
                    yield file
                    if durable:
                        file.flush()
                        os.fsync(file.fileno())
                aside.replace(path)
                if durable:
                    keep_folder(path.parent)
            finally:
                aside.unlink(missing_ok=True)

    def put(self, name: str, content: bytes, *, durable: bool = True) -> None:
        """Write ``content``; as `write`."""
        with self.write(name, durable=durable) as file:
            file.write(content)

    def settle(self, names: Iterable[str]) -> None:
        """Make files of one folder, written without that, outlive a power cut: far quicker than one by one."""
        if self.remote:
            return
        folders = set()
        for path in map(Path, map(self.path, names)):
            with explained(path), path.open("rb") as file:
                os.fsync(file.fileno())
            folders.add(path.parent)
        for folder in folders:
            keep_folder(folder)

    def open(self, name: str) -> BinaryIO:
        """The file, for reading; it can be sought in.

        Raises:
            DataError: it is not there, or cannot be read.
        """
        if self.remote:
            return cast("BinaryIO", _systems().open(self.path(name)))
        path = Path(self.path(name))
        with explained(path):
            return path.open("rb")

    def get(self, name: str) -> bytes:
        """All of the file. Raises DataError as `open`."""
        with self.open(name) as file:
            return file.read()

    def size(self, name: str) -> int:
        """Bytes of the file."""
        return int(_systems().size(self.path(name))) if self.remote else Path(self.path(name)).stat().st_size

    def digest(self, name: str) -> tuple[int, str]:
        """Bytes and SHA-256 of the file."""
        seen = hashlib.sha256()
        size = 0
        with self.open(name) as file:
            while piece := file.read(1 << 20):
                seen.update(piece)
                size += len(piece)
        return size, seen.hexdigest()

    def remove(self, name: str) -> None:
        """The file or folder; nothing where there is none."""
        if self.remote:
            if _systems().exists(self.path(name)) or self.names(name, ""):
                _systems().delete([self.path(name)])
            return
        path = Path(self.path(name))
        with explained(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Around file operations at ``path``. Raises DataError: what the system refuses, and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DataError(
                f"the disk of {path.parent} is full: make room, then give the same command again; it goes on where it was"
            ) from error
        raise DataError(f"{error.filename or path}: {error.strerror or error}") from error


def keep_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _systems() -> Any:  # noqa: ANN401  Beam carries no types
    from apache_beam.io.filesystems import FileSystems

    return FileSystems
