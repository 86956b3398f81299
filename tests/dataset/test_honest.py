"""What must never come out does not, what was erased goes from earlier exports, and nobody is in two splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.collected import BEGIN, Collected, bury, crop, firestore_of, put, sample
from support.emulators import Emulators
from support.exports import MANY, bytes_of, make, rows

from howsitgoing_models.dataset.erasing import bring_up_to_date
from howsitgoing_models.dataset.export import base_of
from howsitgoing_models.dataset.forms import FORMS
from howsitgoing_models.dataset.manifest import UNDER_WAY, check, read
from howsitgoing_models.dataset.places import Place
from howsitgoing_models.dataset.request import Filters
from howsitgoing_models.dataset.row import group_of
from howsitgoing_models.errors import DataError

Fill = Callable[[Iterable[Collected]], str]


def test_a_prediction_is_never_a_label(filled: str, tmp_path: Path) -> None:
    """A network that learns from its own guesses only grows surer of its mistakes."""
    make(tmp_path / "out", filled)
    found = rows(tmp_path / "out").values()
    assert all(row["label"] is None for row in found if row["label_source"] == "none")
    assert all(row["label"] == "sad" for row in found if row["label_source"] == "wearer")
    assert sum(row["label"] is not None and row["label"] != row["prediction"] for row in found) > 0


def test_nobody_is_in_two_splits_and_stays_where_they_are(filled: str, fill: Fill, tmp_path: Path) -> None:
    """Otherwise the test split measures how well a network remembers people."""
    make(tmp_path / "all", filled)
    everybody = rows(tmp_path / "all").values()
    splits = {(group_of(row), row["split"]) for row in everybody}
    assert len(splits) == len({group for group, _ in splits}) == 40
    assert {split for _, split in splits} == {"train", "validation", "test"}
    make(tmp_path / "some", fill(sample(number) for number in range(0, 300, 7)))
    assert {(group_of(row), row["split"]) for row in rows(tmp_path / "some").values()} <= splits


def test_without_a_consents_number_a_session_of_a_device_stays_together() -> None:
    """Two sessions may be of two people; one is of the same few."""
    row = {"consent_reference": None, "device_id": "hat-1", "session": "a"}
    assert group_of(row) == group_of(dict(row)) != group_of({**row, "session": "b"}) != group_of({**row, "device_id": "hat-2"})


def test_expired_and_erased_samples_never_come_out(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """The TTL policy and the eraser take hours; an export may come before them."""
    project = fill([*(sample(n) for n in range(8)), sample(8).but(expires_at=BEGIN)])
    bury(cloud, {"C-001": None, "hat-2": BEGIN + timedelta(seconds=2)}, project)
    manifest = make(tmp_path / "out", project)
    assert manifest["left_out"] == {"erased": 2, "expired": 1}
    assert {row["consent_reference"] for row in rows(tmp_path / "out").values()} == {
        "C-000",
        *(f"C-{n:03}" for n in range(3, 8)),
    }


def test_what_a_device_saw_after_its_erasure_comes_out(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """An erasure ends at a time; people who agree afterwards are not erased."""
    project = fill([sample(2), sample(42)])  # the same device and person, 40 s apart
    bury(cloud, {"hat-2": BEGIN + timedelta(seconds=20)}, project)
    make(tmp_path / "out", project)
    assert list(rows(tmp_path / "out")) == [sample(42).name]


def test_an_erasure_of_an_unknown_kind_stops_everything(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """Guessing what somebody wanted erased is not an option."""
    project = fill([sample(1)])
    firestore_of(cloud, project).document("erasures/face:1").set({"kind": "face", "value": "1"})
    with pytest.raises(DataError, match="erasures/face:1 is no erasure known here"):
        make(tmp_path / "out", project)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", FORMS)
def test_earlier_exports_are_brought_up_to_date(fill: Fill, cloud: Emulators, tmp_path: Path, form: str) -> None:
    """A copy on somebody's disk is where erased pictures would live on."""
    project, out = fill(sample(number) for number in range(60)), tmp_path / "out"
    make(out, project, form=form, shard_size=8)
    before, gone = rows(out), {sample(n).name for n in (4, 44)}
    before_bytes = bytes_of(out)
    bury(cloud, {"C-004": None}, project)
    done = bring_up_to_date(Place(str(out)))
    manifest = read(Place(str(out)))
    after = rows(out)
    assert before.keys() - after.keys() == gone & before.keys()
    assert done.samples == len(gone & before.keys())
    assert (manifest["samples"], manifest["erasures"][0]["samples"]) == (len(after), done.samples)
    assert all(
        {k: v for k, v in row.items() if k != "jpeg"} == {k: v for k, v in before[n].items() if k != "jpeg"}
        for n, row in after.items()
    )
    check(Place(str(out)), manifest)
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    names = " ".join(map(str, out.rglob("*")))
    for name in gone & before.keys():
        assert name.encode() not in everything
        assert name not in names
    assert sum(bytes_of(out).get(path) == digest for path, digest in before_bytes.items()) > 0, "other shards are left alone"
    assert bring_up_to_date(Place(str(out))).samples == 0


@pytest.mark.parametrize("form", ["parquet", "imagefolder"])
def test_erasing_that_was_interrupted_is_taken_up_again(
    fill: Fill, cloud: Emulators, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half erased must not look whole: until it is done, there is no manifest."""
    from howsitgoing_models.dataset import shards

    project, out = fill(sample(number) for number in range(60)), tmp_path / "out"
    make(out, project, form=form, shard_size=8)
    number = len(rows(out))
    bury(cloud, {"C-003": None, "C-004": None, "C-005": None, "C-006": None}, project)
    written = shards.put_index
    calls = []

    def pulled(*words: object) -> None:
        calls.append(words)
        if len(calls) == 2:
            raise KeyboardInterrupt
        written(*words)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(shards, "put_index", pulled)
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(Place(str(out)))
    assert (out / UNDER_WAY).exists()
    with pytest.raises(DataError, match="no export, or an interrupted one"):
        read(Place(str(out)))
    bring_up_to_date(Place(str(out)))
    left = rows(out)
    assert not {row["consent_reference"] for row in left.values()} & {"C-003", "C-004", "C-005", "C-006"}
    check(Place(str(out)), read(Place(str(out))))
    assert read(Place(str(out)))["erasures"][0]["samples"] == number - len(left)
    assert not (out / UNDER_WAY).exists()


def test_only_what_is_new_or_changed_since_comes_the_second_time(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """A label that a reviewer gave later is a change; the same picture sent again is still a duplicate."""
    project = fill(sample(number) for number in range(40))
    make(tmp_path / "first", project)
    reviewed = sample(2).but(label={"value": "fear", "source": "reviewer", "by": "r1", "at": BEGIN})
    twin = sample(MANY + 62, jpeg=crop(3))  # of no sample that other tests export
    put(cloud, [reviewed, sample(81), twin], project)
    base, _ = base_of(str(tmp_path / "first"))
    manifest = make(tmp_path / "second", project, base=base)
    assert set(rows(tmp_path / "second")) == {reviewed.name, sample(81).name}
    assert manifest["left_out"] == {"duplicate": 1, "unchanged": 39}
    assert manifest["base"]["name"] == "first"
    third = make(tmp_path / "third", project, base=base_of(str(tmp_path / "second"))[0])
    assert (third["samples"], third["left_out"]["unchanged"]) == (0, 42)


def test_equal_and_nearly_equal_pictures_come_once_and_the_labelled_one_stays(fill: Fill, tmp_path: Path) -> None:
    """A face that holds still would else be most of the dataset."""
    first = cv2.imdecode(np.frombuffer(crop(1), np.uint8), cv2.IMREAD_GRAYSCALE)
    brighter = cv2.imencode(".jpg", cv2.convertScaleAbs(first, alpha=0.9, beta=12))[1].tobytes()
    same, near, other = sample(81, jpeg=crop(1)), sample(121, jpeg=brighter), sample(2)
    labelled = sample(41, jpeg=crop(1)).but(label={"value": "sad", "source": "reviewer", "by": "r1", "at": BEGIN}, votes={})
    manifest = make(tmp_path / "out", fill([sample(1), labelled, same, near, other]))
    assert set(rows(tmp_path / "out")) == {labelled.name, other.name}
    assert manifest["left_out"] == {"duplicate": 2, "near_duplicate": 1}


def test_of_one_track_only_so_many_come_out(fill: Fill, tmp_path: Path) -> None:
    """One person who wears the hat all day must not outweigh everybody else."""
    project = fill(sample(40 * number) for number in range(5))  # one person, session 0, track 0
    manifest = make(tmp_path / "out", project, per_track=3)
    assert manifest["left_out"] == {"track_full": 2}
    assert set(rows(tmp_path / "out")) == {sample(n).name for n in (0, 40, 80)}, "the earliest of equally labelled ones"


FILTERS = {
    "time": (Filters(since="2026-01-05T09:01:02Z", until="2026-01-05T09:02:02Z"), lambda n: 60 <= n < 120, "not_in_time"),
    "device": (Filters(devices=("hat-1", "hat-2")), lambda n: n % 40 % 8 in {1, 2}, "other_device"),
    "label source": (Filters(label_sources=("reviewer",)), lambda n: n % 4 == 0, "other_label_source"),
    "model": (Filters(models=("emotion-2",)), lambda n: n % 5 == 0, "other_model"),
    "readable": (Filters(readable=0.9), lambda n: n % 50 >= 40, "not_readable"),
    "consent": (Filters(consents=("moods",)), lambda _: False, "other_consent"),
}


@pytest.mark.parametrize(("filters", "expected", "reason"), FILTERS.values(), ids=FILTERS)
def test_filters_let_through_what_was_asked_for(
    filled: str, tmp_path: Path, filters: Filters, expected: Callable[[int], bool], reason: str
) -> None:
    """Each is counted under its own name, so that an empty dataset explains itself."""
    manifest = make(tmp_path / "out", filled, filters=filters)
    wanted = {sample(number).name for number in range(MANY) if expected(number)}
    assert set(rows(tmp_path / "out")) == wanted
    assert manifest["left_out"] == {reason: MANY - len(wanted)}


def test_the_snapshot_is_of_one_moment(fill: Fill, cloud: Emulators, tmp_path: Path) -> None:
    """What changes while the export runs comes next time: in between, half would be of then and half of now."""
    project = fill(sample(number) for number in range(10))
    then = datetime.now(UTC).isoformat()
    put(cloud, [sample(10)], project)
    firestore_of(cloud, project).document(f"samples/{sample(0).name}").delete()
    make(tmp_path / "out", project, read_time=then)
    assert set(rows(tmp_path / "out")) == {sample(number).name for number in range(10)}
