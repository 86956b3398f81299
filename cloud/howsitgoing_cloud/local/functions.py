"""functions-framework with one of the entry points of ``main.py``, as it runs in the cloud: gunicorn, one worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from howsitgoing_cloud.errors import ConfigError
from howsitgoing_cloud.local.processes import LOOPBACK, Server, free_port

SIGNATURES: Final[dict[str, Literal["http", "cloudevent"]]] = {
    "ingest": "http",
    "sweep": "http",
    "push_to_blynk": "cloudevent",
    "on_sample_deleted": "cloudevent",
}
"""Each entry point, and how it is called."""


def function(target: str, folder: Path, environment: Mapping[str, str], port: int | None = None) -> Server:
    """One function, not started yet.

    Args:
        target: name of the entry point.
        folder: its log goes here.
        environment: what is set besides the caller's own environment.
        port: where it listens; None = any.

    Raises:
        ConfigError: there is no ``main.py``, because this is not a checkout.
    """
    source = Path(__file__).parents[2] / "main.py"
    if not source.is_file():
        raise ConfigError("the functions' main.py is not here: run this in a clone of the repository, installed by 'make'")
    chosen = port or free_port()
    command = [sys.executable, "-m", "functions_framework", "--source", str(source), "--target", target]
    command += ["--signature-type", SIGNATURES[target], "--host", LOOPBACK, "--port", str(chosen)]
    return Server(f"function {target}", command, chosen, folder / f"{target}.log", {**os.environ, **environment})
