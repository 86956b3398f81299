"""Documents read straight from the wire are those that Google's own client reads, each once, also over a bad network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from support.collected import firestore_of
from support.emulators import Emulators
from support.firestore_values import EVERY_KIND
from support.proxy import Proxy

from howsitgoing_models.dataset.request import Source
from howsitgoing_models.dataset.wire import EMULATOR, Wire

PROJECT = "demo-wire"


@pytest.fixture(scope="module")
def now(cloud: Emulators) -> datetime:
    """When all is there: one document of every kind of value; many large ones, further down."""
    client = firestore_of(cloud, PROJECT)
    client.document("samples/every-kind").set(EVERY_KIND)
    for number in range(40):
        client.document(f"archive/old/large/{number:03}").set({"number": number, "much": "x" * 300_000})
    at: datetime = client.document("samples/every-kind").get().read_time
    return at


@pytest.fixture
def large(now: datetime) -> Iterator[Wire]:
    """The collection of large documents."""
    wire = Wire(Source(PROJECT, collection="archive/old/large"), now)
    yield wire
    wire.close()


def test_all_kinds_of_values_come_as_they_went(cloud: Emulators, now: datetime) -> None:
    """The same as the client gives."""
    wire = Wire(Source(PROJECT), now)
    (found,) = wire.read(None, None, None, 10)
    wire.close()
    client = firestore_of(cloud, PROJECT).document("samples/every-kind").get()
    assert found.content == client.to_dict() == EVERY_KIND
    assert found.name == client.id
    assert found.changed == datetime.fromisoformat(client.update_time.isoformat(timespec="microseconds"))


@pytest.mark.parametrize(
    ("first", "behind", "after", "limit", "numbers"),
    [
        (None, None, None, 100, range(40)),
        ("005", "008", None, 100, range(5, 8)),
        ("005", "030", "009", 3, range(10, 13)),
        (None, "001", None, 100, range(1)),
        ("040", None, None, 100, range(0)),
    ],
)
def test_parts_begin_and_end_where_they_should(
    large: Wire, first: str | None, behind: str | None, after: str | None, limit: int, numbers: range
) -> None:
    """Neither a document twice nor one too few where two parts meet."""
    assert [found.content["number"] for found in large.read(first, behind, after, limit)] == list(numbers)


def test_an_answer_that_breaks_off_is_gone_on_with(cloud: Emulators, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that dies in the middle of a chunk costs neither the documents that came nor those that did not."""
    with Proxy(int(cloud.environment[EMULATOR].rpartition(":")[2])) as network:
        monkeypatch.setenv(EMULATOR, f"127.0.0.1:{network.port}")
        wire = Wire(Source(PROJECT, collection="archive/old/large"), now)
        numbers = []
        for found in wire.read(None, None, None, 35):
            numbers.append(found.content["number"])
            if len(numbers) in {3, 20}:
                network.cut()
        wire.close()
        assert network.connections > 1
    assert numbers == list(range(35))
