"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration file; else the user's, else /etc/howsitgoing/config.toml.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON instead of a table.")]
