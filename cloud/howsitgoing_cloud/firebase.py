"""Clients of Firestore and Storage by firebase-admin: with the project's identity, or of the environment's emulators."""

from __future__ import annotations

import os
from typing import Final

import firebase_admin
from firebase_admin import credentials
from firebase_admin import firestore as firebase_firestore
from firebase_admin import storage as firebase_storage
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client
from google.cloud.storage import Bucket

from howsitgoing_cloud.google_errors import translated
from howsitgoing_cloud.settings import CloudSettings, required
from howsitgoing_cloud.wire import Documents

EMULATORS: Final = ("FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST")


class _Nobody(credentials.Base):  # type: ignore[misc]
    """firebase-admin wants a credential for the emulators, too."""

    def get_credential(self) -> AnonymousCredentials:
        """One that says nothing."""
        return AnonymousCredentials()


def firestore_client(settings: CloudSettings) -> Client:
    """Firestore. Raises PermanentError where there is no identity."""
    with translated("Google Cloud"):
        return firebase_firestore.client(_app(settings), database_id=settings.database)


def firestore_documents(settings: CloudSettings) -> Documents:
    """Firestore, for many requests. Raises PermanentError where there is no identity."""
    with translated("Google Cloud"):
        identity = _app(settings).credential.get_credential()
        return Documents.of(settings.project, settings.database, identity, os.environ.get(EMULATORS[0]))


def storage_bucket(settings: CloudSettings) -> Bucket:
    """The bucket for the crops.

    Raises:
        ConfigError: it is not named.
        PermanentError: there is no identity.
    """
    with translated("Google Cloud"):
        return firebase_storage.bucket(required(settings, "bucket"), _app(settings))


def _app(settings: CloudSettings) -> firebase_admin.App:
    name = f"howsitgoing-{settings.project}"
    try:
        return firebase_admin.get_app(name)
    except ValueError:
        emulated = any(os.environ.get(variable) for variable in EMULATORS)
        identity = _Nobody() if emulated else credentials.ApplicationDefault()
        return firebase_admin.initialize_app(identity, {"projectId": settings.project}, name)
