"""What is wrong with a value or a name, as one line that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from howsitgoing_edge.configuration.known import ENVIRONMENT_PREFIX, OTHER_VARIABLES, known
from howsitgoing_edge.configuration.masking import without_password

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from howsitgoing_edge.configuration.layers import Layer

_LONGEST_VALUE = 60
_CLOUDS = ENVIRONMENT_PREFIX + "CLOUD_"


def unknown_names(layer: Layer) -> list[str]:
    """One line for each name in ``layer`` that is no setting, with the nearest that is one."""
    return [f"{layer.source}: {_unknown(path)}" for path in _unknown_paths(layer.values, "")]


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """One line for each environment variable that looks like one of ours and is none."""
    ours = {entry.variable for entry in known().values()} | OTHER_VARIABLES.keys()
    names = [name for name in environment if name.upper().startswith(ENVIRONMENT_PREFIX) and not _of_the_cloud(name.upper())]
    wrong = sorted(name for name in names if name.upper() not in ours)
    return [f"{name}: there is no such setting{_meant(name.upper(), ours)}" for name in wrong]


def impossible_value(error: ErrorDetails, layers: list[Layer]) -> str:
    """The line for one finding of pydantic; the value is blamed on the last of the ``layers`` that gave it."""
    if not error["loc"]:  # of several tables together
        return ": ".join([*[layer.source for layer in layers if layer.values][-1:], str(error["ctx"]["error"])])
    path = ".".join(str(part) for part in error["loc"])
    entry = known()[path]
    reason = str(error["ctx"]["error"]) if error["type"] == "value_error" else f"must be {entry.allowed}"
    if error["type"] == "missing":
        path, reason = entry.within, f"{entry.key} is missing: it {reason}"
    if "pattern" in error["type"]:
        reason += f" ({entry.about})"
    giving = [layer for layer in layers if layer.value(path) is not None]
    if not giving:
        return f"{_place(path)}: {reason}"
    value = giving[-1].value(path)
    shown = None if isinstance(value, dict) else "…" if entry.secret else _short(value)
    return f"{giving[-1].naming(path, shown)}: {reason}"


def _unknown_paths(values: Mapping[str, Any], prefix: str) -> list[str]:
    found: list[str] = []
    for name, value in values.items():
        entry = known().get(prefix + name)
        if entry is None:
            found.append(prefix + name)
        elif entry.table and isinstance(value, dict):
            found += _unknown_paths(value, f"{prefix}{name}.")
    return found


def _of_the_cloud(name: str) -> bool:
    """A variable of the functions and of howsitgoing-cloud; ours of the table [cloud] have two underscores."""
    return name.startswith(_CLOUDS) and not name.startswith(_CLOUDS + "_")


def _unknown(path: str) -> str:
    within, _, key = path.rpartition(".")
    beside = {entry.key: entry for entry in known().values() if entry.within == within}
    nearest = difflib.get_close_matches(key, beside, 1)
    if nearest:
        meant = beside[nearest[0]]
        hint = f"; did you mean [{meant.path}]?" if meant.table else f"; did you mean '{meant.key}'?"
    else:
        elsewhere = [entry for entry in known().values() if entry.key == key]
        hint = f"; did you mean '{key}' in [{elsewhere[0].within}]?" if elsewhere and elsewhere[0].within else ""
        hint = hint or f"; known are {', '.join(beside)}"
    return f"[{within}] has no setting '{key}'{hint}" if within else f"there is no table or setting '{key}'{hint}"


def _meant(name: str, candidates: set[str]) -> str:
    by_end = {candidate.removeprefix(ENVIRONMENT_PREFIX): candidate for candidate in sorted(candidates)}
    nearest = difflib.get_close_matches(name.removeprefix(ENVIRONMENT_PREFIX), by_end, 1)
    return f"; did you mean {by_end[nearest[0]]}?" if nearest else "; 'howsitgoing config show --all' lists them"


def _place(path: str) -> str:
    within, _, key = path.rpartition(".")
    return f"[{within}] {key}" if within else f"[{key}]"


def _short(value: object) -> str:
    text = repr(without_password(value) if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
