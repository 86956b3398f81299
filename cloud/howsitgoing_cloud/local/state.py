"""Where ``serve`` keeps its logs and secrets, and how other commands find it: ``serve.json`` in the user's state folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import platformdirs

from howsitgoing_cloud.errors import ConfigError

PROJECT: Final = "demo-howsitgoing"
"""Emulators treat projects that begin with demo- as local ones."""
BUCKET: Final = "demo-howsitgoing-faces"


@dataclass(frozen=True)
class Serving:
    """A ``serve`` that runs."""

    pid: int
    url: str
    environment: dict[str, str]
    """With it, every command means this one"""


def folder() -> Path:
    """The user's own, made if need be."""
    path = platformdirs.user_state_path("howsitgoing-cloud")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def secrets_folder() -> Path:
    """For tokens, one file each."""
    path = folder() / "secrets"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def write(serving: Serving) -> None:
    """Let other commands find it."""
    (folder() / "serve.json").write_text(json.dumps(asdict(serving)), "utf-8")


def remove() -> None:
    """It has ended."""
    (folder() / "serve.json").unlink(missing_ok=True)


def serving() -> Serving:
    """The one that runs.

    Raises:
        ConfigError: there is none.
    """
    try:
        found = Serving(**json.loads((folder() / "serve.json").read_text("utf-8")))
        os.kill(found.pid, 0)
    except (OSError, ValueError, TypeError):
        raise ConfigError("nothing runs here: start 'howsitgoing-cloud serve' in another terminal") from None
    return found
