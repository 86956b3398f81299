"""Votes in Firestore: each once, none lost to another's, none on what was erased; and the export and training take them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import reviewing
from support.collected import Collected, bury, firestore_of, put, sample
from support.emulators import Emulators
from support.exports import make, rows

from howsitgoing_models.data.sources import load
from howsitgoing_models.dataset.request import Filters, Source
from howsitgoing_models.dataset.row import LABELS
from howsitgoing_models.labels import CROWD_OUTPUTS, EMOTIONS
from howsitgoing_models.review.importing import apply
from howsitgoing_models.review.reading import PAGE, Reading
from howsitgoing_models.review.votes import Outcome, Vote
from howsitgoing_models.review.writing import Writer

Fill = Callable[[Iterable[Collected]], str]
AT = datetime(2026, 2, 3, 12, tzinfo=UTC)


def read_all(project: str, filters: Filters = Filters(), per_track: int = 1000) -> Reading:  # noqa: B008  frozen
    return Reading(Source(project), filters, per_track)


def test_eight_reviewers_at_the_same_moment_have_eight_votes(fill: Fill, cloud: Emulators) -> None:
    """Each reads, and writes only if nobody wrote meanwhile."""
    one = reviewing.unlabelled(1)
    project = fill([one])
    writer = Writer(Source(project))
    votes = [Vote(one.name, f"r{place}", LABELS[place % 2], AT) for place in range(8)]
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda vote: writer.apply(one.name, [vote]), votes))
    writer.close()
    assert {outcome for written in done for outcome in written.outcomes} == {Outcome.WRITTEN}
    content = firestore_of(cloud, project).collection("samples").document(one.name).get().to_dict()
    assert set(content["votes"]) == {f"r{place}" for place in range(8)}
    assert content["label"] == reviewing.UNLABELLED  # four to four


def test_what_was_erased_is_not_made_again_and_what_is_broken_is_left(fill: Fill, cloud: Emulators) -> None:
    """A vote that waited through an outage meets a document that is gone."""
    broken = reviewing.unlabelled(1).but(votes={"r9": {"value": "bored", "at": AT}})
    gone, good = reviewing.unlabelled(2), reviewing.unlabelled(3)
    project = fill([broken, good])
    votes = [Vote(one.name, "r1", "happy", AT) for one in (broken, gone, good)]
    assert apply(votes, Source(project)) == {Outcome.BROKEN: 1, Outcome.GONE: 1, Outcome.WRITTEN: 1}
    assert apply(votes, Source(project)) == {Outcome.BROKEN: 1, Outcome.GONE: 1, Outcome.UNCHANGED: 1}
    samples = {one.id: one.to_dict() for one in firestore_of(cloud, project).collection("samples").stream()}
    assert set(samples) == {broken.name, good.name}
    assert "r1" not in samples[broken.name]["votes"]


def test_reviewers_are_given_what_exports_would_take(fill: Fill, cloud: Emulators) -> None:
    """Not what was erased or has expired, what shows nobody, or is of another time; not forty faces of one track."""
    samples = [reviewing.unlabelled(number) for number in range(12)]
    samples[1] = samples[1].but(expires_at=AT)
    samples[2] = samples[2].but(event__schema=99)
    project = fill(samples)
    moods = sample(13, moods_only=True).without("votes").but(label=dict(reviewing.UNLABELLED))
    put(cloud, [moods], project)
    bury(cloud, {"C-003": None}, project)
    reading = read_all(project)
    assert {face.id for face in reading.page()} == {one.name for place, one in enumerate(samples) if place not in (1, 2, 3)}
    assert reading.finished
    assert dict(reading.left_out) == {"expired": 1, "unknown_schema": 1, "erased": 1, "no_picture": 1}
    second = samples[8].content["received_at"].isoformat()
    later = read_all(project, Filters(since=second))
    assert [face.id for face in later.page()] == [one.name for one in samples[8:]]
    same = [one.but(device_id="hat-0", event__session="s", event__track=1) for one in samples[4:9]]
    put(cloud, same, project)
    assert len(read_all(project, per_track=2).page()) == len(samples) - 3 - 3


def test_a_collection_of_several_pages_is_read_to_its_end(filled: str) -> None:
    """Page after page in the order of receipt, none twice; what has votes says whose."""
    reading = read_all(filled)
    faces = reading.page()
    assert (len(faces), reading.finished) == (PAGE, False)
    assert reading.page() == []
    assert reading.finished
    assert [face.row["received_at"] for face in faces] == sorted(face.row["received_at"] for face in faces)
    assert faces[4].votes == {"r1": faces[4].row["prediction"], "r2": "neutral"}


def test_labels_go_the_whole_way_into_training(fill: Fill, tmp_path: Path) -> None:
    """Reviewed, exported and loaded: the majority is the label, the votes are the distribution, and predictions are neither."""
    samples = [reviewing.unlabelled(number) for number in range(6)]
    project = fill(samples)
    said = [("r1", "happy"), ("r2", "happy"), ("r3", "sad")]
    votes = [Vote(one.name, by, value, AT) for one in samples[:3] for by, value in said]
    votes += [Vote(samples[3].name, by, value, AT) for by, value in said[1:]]
    assert apply(votes, Source(project)) == {Outcome.WRITTEN: len(votes)}
    make(tmp_path / "out", project)
    exported = rows(tmp_path / "out")
    assert [exported[one.name]["label"] for one in samples] == ["happy"] * 3 + [None] * 3
    data = load([tmp_path / "out"])
    assert len(data.faces) == 4
    assert sorted(int(label) for label in data.faces.targets.majority) == [-1] + [EMOTIONS.index("happy")] * 3
    sad = sorted(data.faces.targets.crowd[:, CROWD_OUTPUTS.index("sad")].tolist())
    assert sad == pytest.approx([1 / 3] * 3 + [1 / 2])
