"""What commands have in common: which cloud they mean, and how they answer."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any

import typer

from howsitgoing_cloud._contract import ContractError, check_device_id
from howsitgoing_cloud.errors import ConfigError
from howsitgoing_cloud.settings import PREFIX, CloudSettings, read_settings

Local = Annotated[bool, typer.Option("--local", help="Mean the 'howsitgoing-cloud serve' that runs on this machine.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def meant(*, local: bool) -> CloudSettings:
    """The settings of the cloud that is meant.

    Raises:
        ConfigError: none is named, or none runs here.
    """
    if local:
        from howsitgoing_cloud.local.state import serving

        os.environ.update(serving().environment)
    try:
        return read_settings()
    except ConfigError as error:
        if f"{PREFIX}PROJECT" in str(error) and not os.environ.get(f"{PREFIX}PROJECT"):
            raise ConfigError(
                f"which cloud? Set {PREFIX}PROJECT (and {PREFIX}BUCKET) to your Google Cloud project, or give --local"
            ) from None
        raise


def device_id(text: str) -> str:
    """``text`` itself. Raises ConfigError: it is none."""
    try:
        return check_device_id(text)
    except ContractError as error:
        raise ConfigError(str(error)) from None


def tell(content: Any, *, as_json: bool, text: str) -> None:  # noqa: ANN401  any JSON
    """Answer."""
    typer.echo(json.dumps(content) if as_json else text)
