"""Entry points of the cloud functions; what they do is in howsitgoing_cloud."""

from __future__ import annotations

import functions_framework
from cloudevents.http import CloudEvent
from flask import Request, Response

from howsitgoing_cloud import app


@functions_framework.http
def ingest(request: Request) -> Response:
    """Takes in what devices send: HTTPS, open to the internet; each request carries a device's own token."""
    return app.ingest(request)


@functions_framework.cloud_event
def push_to_blynk(event: CloudEvent) -> None:
    """Shows a new sample to the carer: Firestore's event ``created`` of ``samples/{id}``, delivered again if it fails."""
    app.push_to_blynk(event)


@functions_framework.cloud_event
def on_sample_deleted(event: CloudEvent) -> None:
    """Deletes a deleted sample's crop: Firestore's event ``deleted`` of ``samples/{id}``, delivered again if it fails."""
    app.on_sample_deleted(event)


@functions_framework.http
def sweep(request: Request) -> tuple[dict[str, int], int]:
    """Removes what slipped through: called once a day by Cloud Scheduler, and by nobody else."""
    return app.swept(request), 200
