"""What people have set on this device: kept over restarts, told to whoever wants to know."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock

from howsitgoing_edge.contract import SCHEMA, ContractError, Settings, decode, with_setting
from howsitgoing_edge.errors import StorageError

FILE_NAME = "preferences.json"

log = logging.getLogger(__name__)


class Preferences:
    """The settings in force. Thread-safe.

    Only what somebody changed is kept in the file: everything else follows the configuration, also when that changes later.
    """

    def __init__(self, folder: Path, defaults: Settings, *, insisted: Mapping[str, object] | None = None) -> None:
        """Reads the file in ``folder``. A broken one is put aside and said once; then ``defaults`` are in force.

        ``insisted`` stands above both, for this run alone: what somebody has just typed as a flag.
        """
        self._file = folder / FILE_NAME
        self._lock = RLock()
        self._subscribers: list[Callable[[Settings], None]] = []
        self._changed: dict[str, object] = {}
        self._unsaved = False
        self._current = defaults
        try:
            self._load()
        except ContractError as error:
            self._put_aside(str(error))
        except OSError as error:
            log.warning("%s cannot be read (%s): what was set before is not in force", self._file, error.strerror)
        for name, value in (insisted or {}).items():
            self._current = with_setting(self._current, name, value)

    @property
    def current(self) -> Settings:
        """What is in force now."""
        return self._current

    def subscribe(self, subscriber: Callable[[Settings], None]) -> None:
        """Call ``subscriber`` after each change, also to the same value, in order; it must be quick and not raise."""
        with self._lock:
            self._subscribers.append(subscriber)

    def change(self, name: str, value: object) -> Settings:
        """Put one setting in force, keep it, and tell the subscribers.

        Returns:
            What is in force now.

        Raises:
            ContractError: no such setting, or a value it cannot have; nothing has changed.
            StorageError: it is in force and the subscribers know, but it will be forgotten at the next start.
        """
        with self._lock:
            self._current = with_setting(self._current, name, value)
            before = dict(self._changed)
            self._changed[name] = getattr(self._current, name)
            try:
                if self._unsaved or self._changed != before:  # a memory card lives longer without needless writing
                    self._save()
            finally:
                for subscriber in self._subscribers:
                    subscriber(self._current)
            return self._current

    def _load(self) -> None:
        try:
            content = decode(self._file.read_bytes())
        except FileNotFoundError:
            return
        if content.get("schema") != SCHEMA:
            raise ContractError(f"schema {str(content.get('schema'))[:40]}: this version knows {SCHEMA}")
        known = {name: value for name, value in content.items() if name in vars(self._current)}
        settings = self._current
        for name, value in known.items():
            settings = with_setting(settings, name, value)
        self._current, self._changed = settings, {name: getattr(settings, name) for name in known}

    def _save(self) -> None:
        """Complete or not at all, also if the power fails meanwhile."""
        aside = self._file.with_suffix(".new")
        content = json.dumps({"schema": SCHEMA, **self._changed}, indent=2) + "\n"
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(
                aside, "w", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o600), encoding="utf-8"
            ) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._file)
            _sync_folder(self._file.parent)
        except OSError as error:
            self._unsaved = True
            raise StorageError(
                f"in force, but forgotten at the next start: {self._file} cannot be written ({error.strerror})"
            ) from error
        self._unsaved = False

    def _put_aside(self, reason: str) -> None:
        broken = self._file.with_suffix(".json.broken")
        try:
            self._file.replace(broken)
            where = f"it was moved to {broken}"
        except OSError as error:
            where = f"and cannot be moved aside ({error.strerror})"
        log.warning("%s is broken (%s): what is configured is in force; %s", self._file, reason, where)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
