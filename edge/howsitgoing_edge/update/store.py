"""The folder of fetched networks. Each step is whole or not at all, also if the power fails in the middle of it.

models/state.json     which one is in force: see state.py
models/<id>/          one network, as it was unpacked
models/.new-*/        one that is being written, or was when the power failed
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from howsitgoing_edge.errors import StorageError
from howsitgoing_edge.update.package import Package
from howsitgoing_edge.update.state import State

FOLDER: Final = "models"
STATE_FILE: Final = "state.json"
_ASIDE: Final = ".new-"
log = logging.getLogger(__name__)


class ModelStore:
    """Below the device's state folder. Thread-safe; the agent and ``howsitgoing models`` use it at the same time."""

    def __init__(self, state_folder: Path) -> None:
        """Nothing is made before it is needed."""
        self.folder = state_folder / FOLDER
        self._file = self.folder / STATE_FILE

    def path(self, model: str) -> Path:
        """Where the network called ``model`` lies, or would."""
        return self.folder / model

    @property
    def state(self) -> State:
        """As it is on the disk now. A broken file is put aside and said: then nothing was ever fetched."""
        try:
            return State.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return State()
        except OSError as error:
            log.warning("%s cannot be read (%s): the network that came with this program is used", self._file, error.strerror)
            return State()
        except ValidationError:
            return self._put_aside()

    @property
    def stamp(self) -> tuple[int, int]:
        """Changes whenever the state does, whoever changed it."""
        try:
            found = self._file.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_mtime_ns

    def change(self, step: Callable[[State], State]) -> State:
        """Take one step of `State`, and keep it; nobody else takes one meanwhile.

        Raises:
            StorageError: it cannot be kept; what was on the disk holds.
        """
        with self._alone():
            before = self.state
            after = step(before)
            if after != before:
                self._save(after)
            return after

    def put(self, package: Package) -> Path:
        """Write all files of a verified network, and only then give the folder its name.

        Raises:
            StorageError: a full disk, a read-only card; nothing of it is left.
        """
        with self._alone():
            place = self.path(package.model)
            if _same(place, package.files):
                return place
            aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self.folder))
            try:
                for name, content in package.files.items():
                    _write(aside / name, content)
                _sync(aside)
                if place.exists():  # a damaged one
                    place.rename(Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self.folder)) / "old")
                aside.rename(place)
                _sync(self.folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            return place

    def tidy(self) -> None:
        """Erase what neither is in force nor could come back, and what an interruption left."""
        with contextlib.suppress(StorageError), self._alone():
            state = self.state
            kept = {name for name in (state.current, state.previous) if name is not None}
            for folder in self.folder.iterdir():
                if folder.is_dir() and folder.name not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def _save(self, state: State) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{STATE_FILE}.", dir=self.folder)
        os.close(handle)
        aside = Path(name)
        try:
            _write(aside, state.model_dump_json(indent=1, by_alias=True).encode() + b"\n")
            aside.replace(self._file)
            _sync(self.folder)
        finally:
            aside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / ".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StorageError(
                f"networks cannot be kept in {self.folder} ({error.strerror or error}): look at the disk"
            ) from error

    def _put_aside(self) -> State:
        broken = self._file.with_suffix(".json.broken")
        with contextlib.suppress(OSError):
            self._file.replace(broken)
        log.warning("%s is broken: the network that came with this program is used; the file is now %s", self._file, broken)
        return State()


def _same(place: Path, files: Mapping[str, bytes]) -> bool:
    try:
        return all((place / name).read_bytes() == content for name, content in files.items())
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
