"""What the cloud side needs to know; each is the environment variable HOWSITGOING_CLOUD_<NAME>."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from howsitgoing_cloud.errors import ConfigError

PREFIX = "HOWSITGOING_CLOUD_"


class CloudSettings(BaseSettings):
    """Settings of the functions and of ``howsitgoing-cloud``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    project: Annotated[
        str,
        Field(
            min_length=1,
            validation_alias=AliasChoices(f"{PREFIX}PROJECT", "GOOGLE_CLOUD_PROJECT", "project"),
            description="Google Cloud project that holds Firestore and the secrets",
        ),
    ]
    bucket: Annotated[str | None, Field(min_length=3, description="Firebase Storage bucket for the crops, without gs://")] = (
        None
    )
    audience: Annotated[
        str | None,
        Field(min_length=1, description="What a device's token must name as its audience: the ingest function's address"),
    ] = None
    database: Annotated[str, Field(min_length=1, description="Firestore database")] = "(default)"
    retention_days: Annotated[int, Field(ge=1, le=3650, description="A sample expires so many days after it came in")] = 365
    device_per_minute: Annotated[
        int, Field(ge=1, le=100_000, description="Samples a device may send a minute, after a burst of 2000, to one instance")
    ] = 120
    secrets: Annotated[
        Literal["secret-manager", "files"],
        Field(description="Where the Blynk tokens lie, by the name in devices/{id}.blynk.secret"),
    ] = "secret-manager"
    secrets_folder: Annotated[Path | None, Field(description="With secrets = files: the folder, one file (0600) a secret")] = (
        None
    )
    blynk_server: Annotated[
        str, Field(min_length=1, description="Blynk's server, best of the account's region: https://fra1.blynk.cloud")
    ] = "https://blynk.cloud"
    blynk_events: Annotated[
        Literal["none", "distress", "all"], Field(description="What the carer's phone is alerted to; all: each change, too")
    ] = "distress"
    distress_minutes: Annotated[
        float, Field(gt=0, le=120, description="Sad, angry or afraid for so long is worth an alert")
    ] = 5
    distress_pause_minutes: Annotated[float, Field(ge=1, le=1440, description="Until the next such alert")] = 30
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="Least severe lines that are logged")
    ] = "INFO"


def required(settings: CloudSettings, name: str) -> str:
    """A setting that not everything needs.

    Raises:
        ConfigError: it is not set.
    """
    value = getattr(settings, name)
    if value is None:
        raise ConfigError(f"{PREFIX}{name.upper()} is not set: {CloudSettings.model_fields[name].description}")
    return str(value)


def read_settings(**given: object) -> CloudSettings:
    """Settings of the environment; ``given`` wins over it.

    Raises:
        ConfigError: one is missing or impossible; the message names the variable.
    """
    try:
        return CloudSettings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = str(first["loc"][0]) if first["loc"] else ""
        variable = where if where.startswith(PREFIX) else PREFIX + where.upper()
        raise ConfigError(f"{variable}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None
