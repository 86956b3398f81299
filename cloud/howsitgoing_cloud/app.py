"""Joins the parts: the only place that makes adapters. All is made at its first use, so that a cold start stays short."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Request, Response

from howsitgoing_cloud import logs
from howsitgoing_cloud.allowance import Allowance
from howsitgoing_cloud.erase import Erase
from howsitgoing_cloud.http import IngestHttp
from howsitgoing_cloud.ingest import Ingest
from howsitgoing_cloud.logs import trace_of, traced
from howsitgoing_cloud.ports import Secrets
from howsitgoing_cloud.push import Push
from howsitgoing_cloud.sample_events import Event, delete_crop, push_created
from howsitgoing_cloud.secret_files import FileSecrets
from howsitgoing_cloud.settings import CloudSettings, read_settings, required
from howsitgoing_cloud.sweep import Sweep

if TYPE_CHECKING:  # they bring Google's clients along
    from howsitgoing_cloud.housekeeping import FirestoreHousekeeping
    from howsitgoing_cloud.register import Register
    from howsitgoing_cloud.storage import StorageCrops

log = logging.getLogger(__name__)


@cache
def _settings() -> CloudSettings:
    settings = read_settings()
    logs.set_up(settings.project, settings.log_level)
    return settings


@cache
def _ingest() -> Ingest:
    from howsitgoing_cloud.firebase import firestore_documents
    from howsitgoing_cloud.firestore import FirestoreRecords

    settings = _settings()
    return Ingest(
        FirestoreRecords(firestore_documents(settings)),
        crops(settings),
        required(settings, "audience"),
        timedelta(days=settings.retention_days),
        Allowance(settings.device_per_minute),
    )


@cache
def _ingest_http() -> IngestHttp:
    _settings()
    return IngestHttp(_ingest)


@cache
def _crops() -> StorageCrops:
    return crops(_settings())


def ingest(request: Request) -> Response:
    """What devices talk to."""
    return _ingest_http()(request)


def on_sample_deleted(event: Event) -> None:
    """When a sample went."""
    delete_crop(event, _crops())


@cache
def _push() -> Push:
    from howsitgoing_cloud.blynk import BlynkDashboard
    from howsitgoing_cloud.distress import DistressRule
    from howsitgoing_cloud.firebase import firestore_client
    from howsitgoing_cloud.panels import FirestorePanels

    settings = _settings()
    panels, dashboard = FirestorePanels(firestore_client(settings)), BlynkDashboard(settings.blynk_server)
    return Push(panels, _secrets(settings), dashboard, DistressRule.of(settings), _wait_until)


def _secrets(settings: CloudSettings) -> Secrets:
    if settings.secrets == "files":
        return FileSecrets(Path(required(settings, "secrets_folder")))
    from howsitgoing_cloud.secret_manager import SecretManager, own_identity

    return SecretManager(settings.project, own_identity())


def push_to_blynk(event: Event) -> None:
    """When a sample came."""
    push_created(event, _push())


def swept(request: Request) -> dict[str, int]:
    """A whole sweep: how much went."""
    with traced(trace_of(request.headers)):
        *_, done = sweep(_settings())()
        log.info("sweep", extra={"fields": asdict(done)})
    return asdict(done)


def crops(settings: CloudSettings) -> StorageCrops:
    """Storage."""
    from howsitgoing_cloud.firebase import storage_bucket
    from howsitgoing_cloud.storage import StorageCrops

    return StorageCrops(storage_bucket(settings))


def housekeeping(settings: CloudSettings) -> FirestoreHousekeeping:
    """Firestore, to erase and to sweep."""
    from howsitgoing_cloud.firebase import firestore_client
    from howsitgoing_cloud.housekeeping import FirestoreHousekeeping

    return FirestoreHousekeeping(firestore_client(settings))


def erase(settings: CloudSettings) -> Erase:
    """What erases."""
    return Erase(housekeeping(settings), crops(settings), _wait_until)


def sweep(settings: CloudSettings) -> Sweep:
    """What sweeps."""
    return Sweep(housekeeping(settings), crops(settings))


def register(settings: CloudSettings) -> Register:
    """The devices."""
    from howsitgoing_cloud.firebase import firestore_client
    from howsitgoing_cloud.register import Register

    return Register(firestore_client(settings))


def _wait_until(at: datetime) -> None:
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
