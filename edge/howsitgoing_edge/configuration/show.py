"""The settings in force as a TOML file that says of each value where it comes from."""

from __future__ import annotations

import json
from datetime import time

from pydantic import BaseModel, SecretStr

from howsitgoing_edge.configuration.known import Known, known
from howsitgoing_edge.configuration.load import Loaded
from howsitgoing_edge.configuration.masking import MASK, without_password


def as_toml(loaded: Loaded, *, explain: bool = False) -> str:
    """The settings of ``loaded`` as TOML, secrets masked; ``explain`` adds what each is for and may be."""
    lines: list[str] = []
    for entry in known().values():
        value = _at(loaded.settings, entry.path)
        absent = value is None
        if entry.table:
            if absent and not explain:
                continue
            lines += ["", *([f"# {entry.about}"] if explain else []), f"{'# ' * absent}[{entry.path}]"]
            continue
        in_absent_table = _at(loaded.settings, entry.within) is None
        if in_absent_table and not explain:
            continue
        origin = loaded.origins.get(entry.path, "default")
        if explain:
            lines.append(f"# {_explained(entry)}")
        lines.append(f"# {entry.key} =  # not set" if absent else f"{entry.key} = {_toml(value)}  # {origin}")
    return "\n".join(lines).strip() + "\n"


def plain(value: object) -> str:
    """A value as TOML writes it, nothing masked."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, time):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: object) -> str:
    if isinstance(value, SecretStr):
        return plain(MASK)
    return plain(without_password(value) if isinstance(value, str) else value)


def _explained(entry: Known) -> str:
    return f"{entry.about} ({entry.allowed})"


def _at(settings: BaseModel, path: str) -> object:
    value: object = settings
    for part in path.split("."):
        value = getattr(value, part, None)
    return value
