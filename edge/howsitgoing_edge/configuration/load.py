"""Reads the settings: defaults < TOML file < environment < flags."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from howsitgoing_edge.configuration.known import known
from howsitgoing_edge.configuration.layers import Layer, find_file, from_environment, from_file, readable_by_all
from howsitgoing_edge.configuration.problems import impossible_value, unknown_names, unknown_variables
from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.settings import EdgeSettings


@dataclass(frozen=True)
class Flag:
    """A setting given on the command line."""

    name: str
    """Such as ``--source``"""
    path: str
    """Such as ``camera.source``"""
    value: object


@dataclass(frozen=True)
class Loaded:
    """Settings, and how they came about."""

    settings: EdgeSettings
    file: Path | None
    """The configuration file that was read, if there was one"""
    origins: Mapping[str, str]
    """Where each value that is no default comes from, by dotted path"""
    notices: tuple[str, ...] = ()
    """What should be looked at, though it stops nothing"""


def load(file: Path | None = None, flags: Sequence[Flag] = ()) -> Loaded:
    """The settings in force.

    Args:
        file: the configuration file; None: the user's, else the system's, if there is one.
        flags: what the command line says.

    Raises:
        ConfigError: something is unknown, impossible or unreadable; one line for each problem.
    """
    found = find_file(file)
    layers = [from_file(found)] if found else []
    layers += [from_environment(), _from_flags(flags)]
    problems = [line for layer in layers if not layer.names for line in unknown_names(layer)]
    problems += unknown_variables(os.environ)
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _merged(merged, _only_known(layer.values, ""))
    try:
        settings = EdgeSettings.model_validate(merged)
    except ValidationError as errors:
        problems += [impossible_value(error, layers) for error in errors.errors()]
        raise ConfigError("\n".join(problems)) from None  # pydantic's own words would only repeat it, secrets included
    if problems:
        raise ConfigError("\n".join(problems))
    return Loaded(settings, found, _origins(layers), tuple(_notices(layers)))


def _from_flags(flags: Sequence[Flag]) -> Layer:
    values: dict[str, Any] = {}
    for flag in flags:
        nested: Any = flag.value
        for part in reversed(flag.path.split(".")):
            nested = {part: nested}
        values = _merged(values, nested)
    return Layer("flags", values, {flag.path: flag.name for flag in flags})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = _merged(result[name], value) if both else value
    return result


def _only_known(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name: _only_known(value, f"{prefix}{name}.") if isinstance(value, dict) else value
        for name, value in values.items()
        if prefix + name in known()
    }


def _origins(layers: Sequence[Layer]) -> dict[str, str]:
    origins: dict[str, str] = {}
    for path in known():
        for layer in layers:
            if layer.value(path) is not None:
                origins[path] = layer.names.get(path, layer.source)
    if "mqtt.host" in origins:
        origins.setdefault("mqtt.transport", "since mqtt.host is named")
    return origins


def _notices(layers: Sequence[Layer]) -> list[str]:
    """A secret that everybody can read; that of password_file is looked at where it is read."""
    secrets = [entry.path for entry in known().values() if entry.secret]
    files = [Path(layer.source) for layer in layers if not layer.names and any(layer.value(path) for path in secrets)]
    return [
        f"{file} holds a password, and everybody on this machine can read it: chmod 600 {file}"
        for file in files
        if readable_by_all(file)
    ]
