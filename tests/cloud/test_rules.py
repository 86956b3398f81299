"""The rules that keep clients out, as Firestore's emulator applies them. There is no emulator here that applies Storage's."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support.emulators import PROJECT, RULES, firestore_alone

PATHS = ("devices/hat-1", "samples/019bf5a1-7c00-7c3e-9d2b-3f6a51c0e8d4", "erasures/device:hat-1", "seen/x", "other/x/deeper/y")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with firestore_alone(tmp_path_factory.mktemp("rules"), RULES / "firestore.rules") as server:
        yield f"{server.url}/v1/projects/{PROJECT}/databases/(default)/documents"


@pytest.mark.parametrize("path", PATHS)
def test_no_client_reads_or_writes_anything(documents: str, path: str) -> None:
    """Firebase's own client libraries talk to Firestore directly, with nothing but a project's public name."""
    empty = {"fields": {"a": {"stringValue": "b"}}}
    assert httpx.patch(f"{documents}/{path}", json=empty, headers={"Authorization": "Bearer owner"}).status_code == 200
    assert httpx.get(f"{documents}/{path}").status_code == 403
    assert httpx.patch(f"{documents}/{path}", json=empty).status_code == 403
    assert httpx.delete(f"{documents}/{path}").status_code == 403
    collection = path.rpartition("/")[0]
    assert httpx.get(f"{documents}/{collection}").status_code == 403
    assert httpx.post(f"{documents}/{collection}", json=empty).status_code == 403
    kept = httpx.get(f"{documents}/{path}", headers={"Authorization": "Bearer owner"})
    assert kept.json()["fields"] == empty["fields"], "the functions, which the rules do not bind, still reach it"


def test_no_query_gets_around_it(documents: str) -> None:
    """A collection group would reach documents below any other."""
    query = {"structuredQuery": {"from": [{"collectionId": "samples", "allDescendants": True}]}}
    assert httpx.post(f"{documents}:runQuery", json=query).status_code == 403


def test_storage_denies_in_the_same_words() -> None:
    """The two files are read by two services; a word of difference would be a door."""
    firestore, storage = ((RULES / f"{name}.rules").read_text() for name in ("firestore", "storage"))
    for rules in (firestore, storage):
        assert [line.strip() for line in rules.splitlines() if "allow" in line] == ["allow read, write: if false;"]
        assert "=**}" in rules
