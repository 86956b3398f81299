"""Changes single values of a configuration file, and leaves everything else in it as somebody wrote it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from howsitgoing_edge.configuration.show import plain
from howsitgoing_edge.errors import ConfigError, StorageError

_HEADER: Final = re.compile(r"\s*\[")


def change_file(file: Path, table: str, values: Mapping[str, object]) -> None:
    """Set ``values`` in ``table`` (``mqtt``, ``mqtt.tls``) of ``file``, which is made if it is not there; None takes one out.

    Raises:
        ConfigError: the file is not TOML, or is written in a way that this cannot change; nothing was changed.
        StorageError: it cannot be written.
    """
    try:
        before = file.read_text("utf-8") if file.exists() else ""
        content = tomllib.loads(before)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file} cannot be changed: {error}") from error
    after = changed(before, table, values)
    lines = "".join(f"\n  {name} = {plain(value)}" for name, value in values.items() if value is not None)
    if _parsed(after) != _merged(content, table.split("."), values):
        raise ConfigError(f"{file} is written in a way that is not understood here: put into [{table}]:{lines}")
    try:
        _write(file, after)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written ({error.strerror}): somebody who may puts into [{table}]:{lines}"
        ) from error


def changed(text: str, table: str, values: Mapping[str, object]) -> str:
    """``text`` with the lines of ``values`` replaced, or put at the beginning of ``table``, or that at the end of the file."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]\s*(#.*)?")
    begin = next((number for number, line in enumerate(lines) if header.fullmatch(line)), None)
    if begin is None:
        lines += [*([""] if lines else []), f"[{table}]"]
        begin = len(lines) - 1
    end = next((number for number in range(begin + 1, len(lines)) if _HEADER.match(lines[number])), len(lines))
    keys = re.compile(rf"\s*({'|'.join(map(re.escape, values))})\s*=")
    kept = [line for line in lines[begin + 1 : end] if not keys.match(line)]
    new = [f"{name} = {plain(value)}" for name, value in values.items() if value is not None]
    return "\n".join([*lines[: begin + 1], *new, *kept, *lines[end:]]) + "\n"


def _merged(content: Mapping[str, Any], path: Sequence[str], values: Mapping[str, object]) -> dict[str, Any]:
    """``content`` with ``values`` in the table at ``path``."""
    if not path:
        return {name: value for name, value in {**content, **values}.items() if value is not None}
    within = content.get(path[0], {})
    return {**content, path[0]: _merged(within if isinstance(within, Mapping) else {}, path[1:], values)}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _write(file: Path, text: str) -> None:
    """Whole or not at all; who could read it before still can, and nobody else. Raises OSError."""
    aside = file.with_name(file.name + ".new")
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    file.parent.mkdir(parents=True, exist_ok=True)
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
