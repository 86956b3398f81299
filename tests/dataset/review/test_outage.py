"""Firestore goes away and comes back: reviewers go on, are told, and no label is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support import reviewing
from support.collected import Collected, firestore_of
from support.emulators import Emulators
from support.proxy import Proxy
from support.waiting import until

from howsitgoing_models.errors import DataError
from howsitgoing_models.review.journal import Journal
from howsitgoing_models.review.votes import Vote

Fill = Callable[[Iterable[Collected]], str]
AT = datetime(2026, 2, 3, 12, tzinfo=UTC)


def go_away(network: Proxy) -> None:
    network.instead = b""
    network.cut()


def votes_of(cloud: Emulators, project: str) -> list[str]:
    """What r1 said, as Firestore has it."""
    contents = [one.to_dict() for one in firestore_of(cloud, project).collection("samples").stream()]
    return sorted(content["votes"]["r1"]["value"] for content in contents if content.get("votes"))


def vote(page: reviewing.Page, value: str) -> dict[str, Any]:
    """On whatever face is next; the answer."""
    _, answer = page.ask("/api/next?as=r1")
    status, told = page.ask(f"/api/faces/{answer['faces'][0]}/vote", {"as": "r1", "value": value})
    assert status == 200, told
    return dict(told)


def test_labels_wait_while_firestore_is_away_and_arrive_when_it_is_back(
    fill: Fill, cloud: Emulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so; the faces that were read before go on coming, since Storage is there."""
    project = fill([reviewing.unlabelled(number) for number in range(6)])
    with Proxy(int(cloud.firestore_server.host.rpartition(":")[2])) as network:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{network.port}")
        with reviewing.page(project) as page:
            vote(page, "happy")
            until(lambda: votes_of(cloud, project) == ["happy"])
            go_away(network)
            for value in ("sad", "fear"):
                vote(page, value)
            said = until(lambda: page.ask("/api/next?as=r1")[1]["status"]["problems"], 20)
            assert "labels are kept on this machine and sent when it is back" in said[0]
            assert page.ask("/api/next?as=r1")[1]["status"]["waiting"] == 2
            assert votes_of(cloud, project) == ["happy"]
            network.instead = None
            until(lambda: votes_of(cloud, project) == ["fear", "happy", "sad"], 40)
            until(lambda: page.ask("/api/next?as=r1")[1]["status"]["problems"] == [], 20)


def test_labels_outlive_the_program(fill: Fill, cloud: Emulators) -> None:
    """It was ended while Firestore was away, and says so; the next one sends them, and does not show those faces again."""
    project = fill([reviewing.unlabelled(number) for number in range(3)])
    with (
        Proxy(int(cloud.firestore_server.host.rpartition(":")[2])) as network,
        reviewing.command(project, environment={"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{network.port}"}) as page,
    ):
        go_away(network)
        vote(page, "sad")
        code, said = page.end()
    assert code == 1
    assert "1 labels have not reached Firestore; they wait in" in said
    assert len(said.strip().splitlines()) == 1
    assert votes_of(cloud, project) == []
    with reviewing.page(project) as page:
        until(lambda: votes_of(cloud, project) == ["sad"])
        progress = page.ask("/api/next?as=r1")[1]["status"]["progress"]
        assert (progress["done"], progress["left"]) == (1, 2)


def test_a_face_that_is_erased_meanwhile_goes_and_its_label_with_it(fill: Fill, cloud: Emulators) -> None:
    """Somebody withdrew the consent between two keys."""
    samples = [reviewing.unlabelled(number) for number in range(2)]
    project = fill(samples)
    with reviewing.page(project) as page:
        _, answer = page.ask("/api/next?as=r1")
        for one in samples:
            firestore_of(cloud, project).collection("samples").document(one.name).delete()
        vote(page, "happy")
        until(lambda: page.ask("/api/next?as=r1")[1]["status"]["lost"] == 1)
        assert page.ask(f"/api/faces/{answer['faces'][0]}/picture")[0] == 410
        assert page.ask("/api/next?as=r1")[1]["status"]["waiting"] == 0
    assert list(firestore_of(cloud, project).collection("samples").stream()) == []


def test_a_picture_that_is_gone_or_another_one_is_not_shown(fill: Fill) -> None:
    """A crop whose SHA-256 is not the document's may be anybody's."""
    missing = replace(reviewing.unlabelled(1).but(image__path="faces/nowhere.jpg"), jpeg=None)
    another = reviewing.unlabelled(2).but(image__sha256="0" * 64)
    project = fill([missing, another, reviewing.unlabelled(3)])
    with reviewing.page(project) as page:
        told = []
        while len(told) < 3:
            handle = page.ask("/api/next?as=r1")[1]["faces"][0]
            status, content = page.ask(f"/api/faces/{handle}/picture")
            told.append(content["error"] if status == 410 else status)
            if status == 200:
                page.ask(f"/api/faces/{handle}/skip", {"as": "r1"})
        another_one = "its picture is another than the document says (SHA-256)"
        assert sorted(told, key=str) == [200, another_one, "its picture is not in Storage"]
        status = page.ask("/api/next?as=r1")[1]["status"]
        assert status["problems"] == ["2 left out: the picture is gone or broken."]


def test_the_journal_keeps_the_last_word_and_loses_none_that_came_meanwhile(tmp_path: Path) -> None:
    """A vote that is sent while another on the same face is given is not taken for it."""
    journal = Journal(tmp_path / "deep/journal.sqlite")
    assert (tmp_path / "deep/journal.sqlite").stat().st_mode & 0o777 == 0o600
    first = Vote("s", "r1", "happy", AT, saw_prediction=True)
    journal.put(first)
    under_way = journal.oldest()
    assert under_way is not None
    assert under_way[1] == first
    journal.put(Vote("s", "r1", None, AT))
    journal.done(under_way[0])
    journal.close()
    again = Journal(tmp_path / "deep/journal.sqlite")
    assert again.waiting() == [Vote("s", "r1", None, AT)]
    again.close()


def test_a_journal_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    """Before an hour of work is kept nowhere."""
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(DataError, match="votes cannot be kept there"):
        Journal(tmp_path / "taken/journal.sqlite")
    (tmp_path / "other.sqlite").write_text("something else, and long enough to be no database at all")
    with pytest.raises(DataError, match="votes cannot be kept there"):
        Journal(tmp_path / "other.sqlite")
