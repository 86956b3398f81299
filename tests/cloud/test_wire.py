"""Documents onto the wire and back are those that Google's own client writes and reads."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from support.emulators import PROJECT, Emulators
from support.firestore_values import EVERY_KIND

from howsitgoing_cloud.errors import TransientError
from howsitgoing_cloud.local.processes import free_port
from howsitgoing_cloud.wire import Documents


def test_google_s_client_reads_what_was_written(cloud: Emulators) -> None:
    """All kinds of values; the carer's dashboard, the export and erasures read by that client."""
    assert cloud.documents.create({"samples/one": EVERY_KIND, "seen/two": {"request": "r"}})
    assert cloud.firestore.document("samples/one").get().to_dict() == EVERY_KIND
    assert cloud.firestore.document("seen/two").get().to_dict() == {"request": "r"}


def test_what_google_s_client_wrote_is_read(cloud: Emulators) -> None:
    """And what is not there is told apart from what is empty."""
    cloud.firestore.document("devices/three").set(EVERY_KIND)
    cloud.firestore.document("devices/empty").set({})
    found = cloud.documents.read(["devices/three", "devices/empty", "devices/nobody"])
    assert found == {"devices/three": EVERY_KIND, "devices/empty": {}, "devices/nobody": None}


def test_a_time_of_another_zone_is_the_same_time(cloud: Emulators) -> None:
    """Firestore keeps times without their zone."""
    at = datetime(2026, 2, 3, 6, 5, 6, 789_123, tzinfo=timezone(timedelta(hours=2)))
    assert cloud.documents.create({"samples/zone": {"at": at}})
    assert cloud.firestore.document("samples/zone").get().to_dict() == {"at": at}


def test_all_or_none_is_created(cloud: Emulators) -> None:
    """One that is there already keeps the other out, and stays as it was."""
    assert cloud.documents.create({"seen/used": {"request": "first"}})
    assert not cloud.documents.create({"seen/used": {"request": "second"}, "samples/new": {"a": 1}})
    assert cloud.documents.read(["seen/used", "samples/new"]) == {"seen/used": {"request": "first"}, "samples/new": None}


def test_a_value_that_firestore_cannot_keep_is_a_fault_of_ours(cloud: Emulators) -> None:
    """Told by its type; nothing is sent."""
    with pytest.raises(TypeError, match="keeps no set"):
        cloud.documents.create({"samples/odd": {"a": {"b": [{1, 2}]}}})
    assert cloud.documents.read(["samples/odd"]) == {"samples/odd": None}


def test_nobody_there_is_said_in_time() -> None:
    """The device tries again later: it must hear so before it gives up."""
    documents = Documents.of(PROJECT, "(default)", None, f"127.0.0.1:{free_port()}")
    with pytest.raises(TransientError, match="Firestore cannot just now"):
        documents.read(["devices/hat-1"])
    with pytest.raises(TransientError, match="Firestore cannot just now"):
        documents.create({"devices/hat-1": {}})
