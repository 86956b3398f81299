"""The places that settings come from, each as a nested dictionary of what stands there."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from howsitgoing_edge.configuration.known import ENVIRONMENT_PREFIX, known
from howsitgoing_edge.errors import ConfigError
from howsitgoing_edge.settings import EdgeSettings

SYSTEM_FILE = Path("/etc/howsitgoing/config.toml")


@dataclass(frozen=True)
class Layer:
    """What one place says."""

    source: str
    """For people: a file's path, ``environment``, ``flags``"""
    values: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    """How the place itself calls a setting (path -> variable or flag); a file needs none"""
    between: str = " "
    """What stands between such a name and its value"""

    def value(self, path: str) -> Any:  # noqa: ANN401  whatever stands there
        """What this place says of the setting at the dotted ``path``; None: nothing."""
        value: Any = self.values
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def naming(self, path: str, shown: str | None = None) -> str:
        """The setting as it stands in this place, with its value if that may be ``shown``."""
        if self.names:
            return self.names.get(path, path) + (f"{self.between}{shown}" if shown else "")
        within, _, key = path.rpartition(".")
        if shown is None:
            return f"{self.source}: [{path}]"
        return f"{self.source}: [{within}] {key} = {shown}" if within else f"{self.source}: {key} = {shown}"


def find_file(named: Path | None) -> Path | None:
    """The configuration file: the one ``named``, else the user's, else the system's, else none."""
    if named is not None:
        return named
    return next((file for file in (user_file(), SYSTEM_FILE) if file is not None and file.exists()), None)


def user_file() -> Path | None:
    """Where the user's own configuration file is, or would be; None: there is no HOME."""
    home = os.environ.get("HOME")
    folder = os.environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    return Path(folder) / "howsitgoing" / "config.toml" if folder else None


def from_file(file: Path) -> Layer:
    """What stands in a TOML file.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    try:
        return Layer(str(file), tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: there is no such file") from error
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not a text file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}") from error


class _Variables(EdgeSettings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__")


def from_environment() -> Layer:
    """What the environment says, in variables such as ``HOWSITGOING_MQTT__HOST``.

    Raises:
        ConfigError: a variable for a whole table is not JSON.
    """
    names = {entry.path: entry.variable for entry in known().values()}
    try:
        return Layer("environment", EnvSettingsSource(_Variables)(), names, "=")
    except SettingsError as error:
        table = next((name for path, name in names.items() if f'"{path}"' in str(error)), ENVIRONMENT_PREFIX + "…")
        raise ConfigError(f"{table}: must be a JSON object; or set its parts, such as {table}__…") from error


def readable_by_all(file: Path) -> bool:
    """Whether everybody on this machine may read it."""
    try:
        return bool(file.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
